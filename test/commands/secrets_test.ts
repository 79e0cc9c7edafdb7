import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allFrom,
  behindAuth,
  type SecretFinder,
  secretValues,
} from "../../src/commands/secrets.ts";
import { CommandEncoder } from "../../src/protocol/command_encoder.ts";
import { PARAMETERS } from "../../src/server/options_table.ts";

/** The command's words, secret ones as "*". */
function shown(find: SecretFinder, line: string): string {
  const words = line.split(" ");
  const batch = new CommandEncoder().encode([["other"], words]);
  const hidden = [...words];
  find(batch, 1, words.length, (position) => hidden[position] = "*");
  return hidden.join(" ");
}

test("allFrom() finds every argument from a position on", () => {
  assert.equal(shown(allFrom(1), "AUTH user password"), "AUTH * *");
  assert.equal(shown(allFrom(2), "ACL SETUSER x on >y"), "ACL SETUSER * * *");
  assert.equal(shown(allFrom(1), "AUTH"), "AUTH");
});

test("behindAuth() finds user and password, wherever AUTH stands", () => {
  assert.equal(shown(behindAuth, "HELLO 3 auth u p SETNAME n"), "HELLO 3 auth * * SETNAME n");
  assert.equal(shown(behindAuth, "HELLO 3 SETNAME n AUTH u p"), "HELLO 3 SETNAME n AUTH * *");
  assert.equal(shown(behindAuth, "HELLO 3 AUTH u"), "HELLO 3 AUTH *");
  assert.equal(shown(behindAuth, "HELLO 3 AUTH auth auth"), "HELLO 3 AUTH * *");
  assert.equal(shown(behindAuth, "HELLO 3"), "HELLO 3");
});

test("secretValues() finds the values of secret parameters", () => {
  assert.equal(
    shown(secretValues, "CONFIG SET hz 5 RequirePass x tls-key-file-pass y timeout 1"),
    "CONFIG SET hz 5 RequirePass * tls-key-file-pass * timeout 1",
  );
  assert.equal(shown(secretValues, "CONFIG SET requirepass"), "CONFIG SET requirepass");
});

test("every parameter that is secret and can be set is known to be so", () => {
  const secrets = PARAMETERS.filter(({ isSecret, isMutable }) => isSecret && isMutable);
  assert.ok(secrets.length > 0);
  for (const { name } of secrets) {
    assert.equal(shown(secretValues, `CONFIG SET ${name} x`), `CONFIG SET ${name} *`);
  }
});
