import assert from "node:assert/strict";
import { test } from "node:test";
import { listenRequests } from "../../src/server/options_listen.ts";
import { loadGood, loadWrong } from "./options_harness.ts";

const FILES = ["--tls-cert-file", "a.crt", "--tls-key-file", "a.key"];

test("without tls-port, nothing of TLS is needed", async () => {
  const { options } = await loadGood({ args: ["--tls-cert-file", "a.crt"] });
  assert.equal(options.tlsPort, 0);
  assert.equal(listenRequests(options).every(({ address }) => !("isTls" in address)), true);
});

test("tls-port listens at every address, beside port or alone", async () => {
  const tls = ["--tls-port", "6380", ...FILES, "--tls-auth-clients", "no"];
  const listed = async (...args: string[]): Promise<string[]> => {
    const { options } = await loadGood({ args: [...tls, ...args] });
    return listenRequests(options).map(({ address, isOptional }) => {
      assert.ok(address.kind === "tcp");
      const { host, port, isTls } = address;
      return `${isOptional ? "-" : ""}${host} ${port}${isTls ? " tls" : ""}`;
    });
  };
  assert.deepEqual(await listed(), [
    "127.0.0.1 6379",
    "-::1 6379",
    "127.0.0.1 6380 tls",
    "-::1 6380 tls",
  ]);
  assert.deepEqual(await listed("--port", "0", "--bind", "*"), ["0.0.0.0 6380 tls"]);
});

test("what tls-port needs is named", async () => {
  const port = ["--tls-port", "6380"];
  assert.match(
    await loadWrong({ args: port }),
    /^ {2}tls-port 6380: tls-cert-file is missing\n {2}tls-port 6380: tls-key-file is missing\n/m,
  );
  assert.match(
    await loadWrong({ args: [...port, ...FILES] }),
    /tls-ca-cert-file is missing, .*\(tls-auth-clients yes\)\n {4}allowed: a file of authorities,/,
  );
  assert.match(
    await loadWrong({ args: [...port, ...FILES, "--tls-auth-clients", "optional"] }),
    /\(tls-auth-clients optional\)/,
  );
  await loadGood({ args: [...port, ...FILES, "--tls-ca-cert-file", "ca.crt"] });
});
