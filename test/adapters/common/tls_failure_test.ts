import assert from "node:assert/strict";
import { test } from "node:test";
import { handshakeFailure } from "../../../src/adapters/common/tls_failure.ts";

test("handshakeFailure() knows the words of both runtimes", () => {
  const cases = [
    ["error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER", "bytes that are not TLS"],
    ["received corrupt message of type InvalidContentType", "bytes that are not TLS"],
    ["OPENSSL_internal:HTTP_REQUEST", "bytes that are not TLS"],
    ["OPENSSL_internal:PEER_DID_NOT_RETURN_A_CERTIFICATE", "no client certificate"],
    ["peer sent no certificates", "no client certificate"],
    ["OPENSSL_internal:CERTIFICATE_VERIFY_FAILED", "client certificate not accepted"],
    ["OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA", "refused by the client"],
    ["received fatal alert: UnknownCA", "refused by the client"],
    ["OPENSSL_internal:UNSUPPORTED_PROTOCOL", "no protocol or cipher in common"],
    ["peer is incompatible: NoCipherSuitesInCommon", "no protocol or cipher in common"],
    ["socket hang up", "ended by the client"],
    ["read ECONNRESET", "ended by the client"],
    ["something new", "unknown reason"],
  ];
  for (const [message, kind] of cases) {
    assert.equal(handshakeFailure(new Error(message)), kind, message);
  }
  assert.equal(
    handshakeFailure(Object.assign(new Error(""), { code: "ECONNRESET" })),
    cases[10][1],
  );
  for (const nothing of [undefined, null, "", 3]) {
    assert.equal(handshakeFailure(nothing), "unknown reason");
  }
});
