/** What of a session stands beside a message of the log. */
import type { LogFields } from "../ports/log.ts";
import type { SessionPort } from "../ports/session_port.ts";

export function logFields({ id, remoteAddress, lastCommand }: SessionPort): LogFields {
  return { client: id, address: remoteAddress, command: lastCommand };
}
