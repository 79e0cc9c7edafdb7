/** The documentation of one command as COMMAND DOCS replies it. */
import { parseSyntax } from "../syntax.ts";
import { replyNames } from "./command_info.ts";
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
  if (syntax.length > 0) fields.push(["arguments", (to) => replyArguments(to, syntax)]);
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

function replyArguments(reply: ReplyWriter, members: readonly SyntaxArgument[]): void {
  reply.array(members.length);
  for (const argument of members) replyFields(reply, argumentFields(argument));
}

function argumentFields(argument: SyntaxArgument): Field[] {
  const isComposite = argument.arguments.length > 0;
  const fields: Field[] = [text("name", argument.name), text("type", argument.type)];
  if (!isComposite) fields.push(text("display_text", argument.name));
  if (argument.type === "key") fields.push(["key_spec_index", (to) => to.integer(0)]);
  if (argument.token !== undefined) fields.push(text("token", argument.token));
  const flags: string[] = [];
  if (argument.optional) flags.push("optional");
  if (argument.multiple) flags.push("multiple");
  if (argument.multipleToken) flags.push("multiple_token");
  if (flags.length > 0) fields.push(["flags", (to) => replyNames(to, flags)]);
  if (isComposite) fields.push(["arguments", (to) => replyArguments(to, argument.arguments)]);
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
