/** The documentation of one command as COMMAND DOCS replies it. */
import { parseSyntax } from "../syntax.ts";
import { keySpecsOf, replyNames } from "./command_info.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { CommandEntry, CommandSpec } from "../spec.ts";
import type { SyntaxArgument } from "../syntax.ts";

/** Name and value of an entry of a map; the value writes itself. */
type Field = readonly [name: string, write: (reply: ReplyWriter) => void];

/** Writes full name and documentation of a command: a key and a value of a map. */
export function replyCommandDocs(reply: ReplyWriter, entry: CommandEntry): void {
  const { spec } = entry;
  const syntax = argumentsOf(spec);
  const fields: Field[] = [
    text("summary", spec.summary),
    text("since", spec.since),
    text("group", spec.group),
    text("complexity", spec.complexity),
  ];
  if (spec.deprecated !== undefined) {
    fields.push(
      ["doc_flags", (to) => replyNames(to, ["deprecated"])],
      text("deprecated_since", spec.deprecated.since),
      text("replaced_by", spec.deprecated.replacedBy),
    );
  }
  const { history = [] } = spec;
  if (history.length > 0) fields.push(["history", (to) => replyHistory(to, history)]);
  if (syntax.length > 0) {
    const keys = new KeyArguments(spec);
    fields.push(["arguments", (to) => replyArguments(to, syntax, keys)]);
  }
  if (entry.subcommands.length > 0) {
    fields.push(["subcommands", (to) => {
      to.map(entry.subcommands.length);
      for (const subcommand of entry.subcommands) replyCommandDocs(to, subcommand);
    }]);
  }
  reply.text(entry.fullName);
  replyFields(reply, fields);
}

/** The argument tree of a command, from its one-line syntax. */
export function argumentsOf(spec: CommandSpec): readonly SyntaxArgument[] {
  const hasKeys = spec.keys !== undefined || spec.findKeys !== undefined;
  return parseSyntax(spec.syntax, { hasKeys, types: spec.argumentTypes ?? {} });
}

function replyHistory(
  reply: ReplyWriter,
  history: readonly (readonly [version: string, change: string])[],
): void {
  reply.set(history.length);
  for (const [version, change] of history) {
    reply.array(2);
    reply.text(version);
    reply.text(change);
  }
}

/** Which key spec each argument that is a key belongs to, in their order. */
class KeyArguments {
  readonly #last: number;
  readonly #hasPatterns: boolean;
  #next = 0;

  constructor(spec: CommandSpec) {
    this.#last = keySpecsOf(spec).length - 1;
    this.#hasPatterns = spec.keySpecs !== undefined;
  }

  /** @returns undefined if the argument is none */
  indexOf({ type }: SyntaxArgument): number | undefined {
    if (type === "key") return Math.min(this.#next++, this.#last);
    if (type !== "pattern" || !this.#hasPatterns) return undefined;
    // What patterns name is the second spec, what is stored the third.
    this.#next = 2;
    return 1;
  }
}

function replyArguments(
  reply: ReplyWriter,
  members: readonly SyntaxArgument[],
  keys: KeyArguments,
): void {
  reply.array(members.length);
  for (const argument of members) replyFields(reply, argumentFields(argument, keys));
}

function argumentFields(argument: SyntaxArgument, keys: KeyArguments): Field[] {
  const isComposite = argument.arguments.length > 0;
  const fields: Field[] = [text("name", argument.name), text("type", argument.type)];
  if (!isComposite) fields.push(text("display_text", argument.name));
  const keySpec = keys.indexOf(argument);
  if (keySpec !== undefined) fields.push(["key_spec_index", (to) => to.integer(keySpec)]);
  if (argument.token !== undefined) fields.push(text("token", argument.token));
  const flags: string[] = [];
  if (argument.optional) flags.push("optional");
  if (argument.multiple) flags.push("multiple");
  if (argument.multipleToken) flags.push("multiple_token");
  if (flags.length > 0) fields.push(["flags", (to) => replyNames(to, flags)]);
  if (isComposite) fields.push(["arguments", (to) => replyArguments(to, argument.arguments, keys)]);
  return fields;
}

function text(name: string, value: string): Field {
  return [name, (reply) => reply.text(value)];
}

function replyFields(reply: ReplyWriter, fields: readonly Field[]): void {
  reply.map(fields.length);
  for (const [name, write] of fields) {
    reply.text(name);
    write(reply);
  }
}
