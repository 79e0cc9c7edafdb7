/** Why a command has no answer. What a server answers, errors included, is a value (ReplyError). */

/**
 * What kept it from being answered.
 *
 *   ABORTED          its AbortSignal said so
 *   TIMEOUT          there was none in time
 *   CONNECTION_LOST  the connection ended before it came
 *   CONNECT_FAILED   no connection could be made
 *   NOT_CONNECTED    there is no connection, and waiting for one is not wanted
 *   REFUSED          the server answered the opening of the connection with an error: `cause`
 *   QUEUE_FULL       too many commands, or too many bytes, wait already
 *   CLOSED           the client was closed
 *   PROTOCOL         the server sent what is no reply
 */
export type ClientErrorCode =
  | "ABORTED"
  | "TIMEOUT"
  | "CONNECTION_LOST"
  | "CONNECT_FAILED"
  | "NOT_CONNECTED"
  | "REFUSED"
  | "QUEUE_FULL"
  | "CLOSED"
  | "PROTOCOL";

/** A command that was not answered. */
export class ClientError extends Error {
  /** What kept it from being answered. */
  readonly code: ClientErrorCode;
  /** Whether the server may have run it; false = it surely did not. */
  readonly mayHaveRun: boolean;

  /** Makes an error. @param cause what led to it, if anything is known */
  constructor(
    code: ClientErrorCode,
    message: string,
    mayHaveRun = false,
    cause: unknown = undefined,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ClientError";
    this.code = code;
    this.mayHaveRun = mayHaveRun;
  }
}
