/** Tells why a handshake failed from what the runtimes say: BoringSSL's words on Bun, rustls's on Deno. */
import type { HandshakeFailure } from "../../ports/tls.ts";

/** The first that matches counts. */
const REASONS: readonly (readonly [RegExp, HandshakeFailure])[] = [
  [
    /WRONG_VERSION_NUMBER|HTTP_REQUEST|HTTPS_PROXY_REQUEST|InvalidContentType|UnknownProtocolVersion/,
    "bytes that are not TLS",
  ],
  [/DID_NOT_RETURN_A_CERTIFICATE|sent no certificates/, "no client certificate"],
  [/_ALERT_|received fatal alert/, "refused by the client"],
  [
    /CERTIFICATE_VERIFY_FAILED|invalid peer certificate|unable to (?:get|verify)|self.signed/i,
    "client certificate not accepted",
  ],
  [
    /UNSUPPORTED_PROTOCOL|NO_SHARED_CIPHER|peer is incompatible|NO_COMMON|NO_SHARED_GROUP/,
    "no protocol or cipher in common",
  ],
  [
    /close_notify|eof|hang up|reset by peer|broken pipe|ECONNRESET|BadResource|Interrupted|SSL_ERROR_SYSCALL/i,
    "ended by the client",
  ],
];

/** @param error what the runtime gave as the reason, of any kind */
export function handshakeFailure(error: unknown): HandshakeFailure {
  const { name = "", code = "", message = "" } = (error ?? {}) as Record<string, string>;
  const text = `${name} ${code} ${message}`;
  return REASONS.find(([pattern]) => pattern.test(text))?.[1] ?? "unknown reason";
}
