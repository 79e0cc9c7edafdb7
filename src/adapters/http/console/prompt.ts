/** The command prompt: runs a line as one types it, and writes the reply as redis-cli does. */
import { splitLine } from "../../../server/command_line.ts";
import type { Run } from "./commands.ts";
import { type Reply, textOf } from "./reply.ts";
import { escape } from "./text.ts";

/** Letters of a reply that are shown. */
const MAX_LETTERS = 100_000;

/** What became of a line. */
export interface Outcome {
  readonly text: string;
  readonly isError: boolean;
  /** The database that the next line runs in. */
  readonly db: number;
}

export async function runLine(run: Run, line: string, db: number): Promise<Outcome> {
  const words = splitLine(line);
  if (words === undefined) return { text: "(error) quotes are not balanced", isError: true, db };
  if (words.length === 0) return { text: "", isError: false, db };
  const [reply] = await run([words], { db, isUse: true });
  if (reply === undefined) return { text: "(no reply)", isError: false, db };
  const isSelected = reply.kind === "status" && words.length === 2 &&
    new TextDecoder().decode(words[0]).toLowerCase() === "select";
  return {
    text: cut(replyText(reply)),
    isError: reply.kind === "error",
    db: isSelected ? Number(new TextDecoder().decode(words[1])) : db,
  };
}

function cut(text: string): string {
  if (text.length <= MAX_LETTERS) return text;
  return `${text.slice(0, MAX_LETTERS)}\n… ${text.length - MAX_LETTERS} more characters`;
}

/** A reply as redis-cli writes it. @param indent of lines behind the first */
export function replyText(reply: Reply, indent = ""): string {
  switch (reply.kind) {
    case "status":
      return reply.text;
    case "error":
      return `(error) ${reply.text}`;
    case "integer":
    case "double":
      return `(${reply.kind}) ${reply.text}`;
    case "bytes":
      return reply.isListing ? textOf(reply).trimEnd() : quoted(reply.bytes);
    case "boolean":
      return `(${reply.value})`;
    case "nil":
      return "(nil)";
    case "map":
      return lines(
        reply.entries.map(([key, value]) => (room) =>
          `${replyText(key, indent + room)} => ${replyText(value, indent + room)}`
        ),
        indent,
        "#",
        "(empty hash)",
      );
    default:
      return lines(
        reply.items.map((item) => (room) => replyText(item, indent + room)),
        indent,
        reply.kind === "set" ? "~" : ")",
        reply.kind === "set" ? "(empty set)" : "(empty array)",
      );
  }
}

function lines(
  items: readonly ((room: string) => string)[],
  indent: string,
  mark: string,
  empty: string,
): string {
  if (items.length === 0) return empty;
  const width = String(items.length).length;
  const room = " ".repeat(width + 2);
  return items.map((item, i) =>
    `${i === 0 ? "" : indent}${String(i + 1).padStart(width)}${mark} ${item(room)}`
  )
    .join("\n");
}

function quoted(bytes: Uint8Array): string {
  const text = printable(bytes);
  return `"${text ?? escape(bytes)}"`;
}

/** Text beyond ASCII is shown as it is, when it is a text; redis-cli would escape it. */
function printable(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}"\\]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
