/** The reply of the HELP subcommands. */
import type { ReplyWriter } from "../ports/reply_writer.ts";

/**
 * Writes what `<command> HELP` answers: a header, the lines given, and HELP itself.
 *
 * @param command the command's name in upper case
 * @param lines per subcommand its usage, then indented lines that say what it does
 */
export function replyHelp(reply: ReplyWriter, command: string, lines: readonly string[]): void {
  reply.array(lines.length + 3);
  reply.simple(`${command} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`);
  for (const line of lines) reply.simple(line);
  reply.simple("HELP");
  reply.simple("    Prints this help.");
}
