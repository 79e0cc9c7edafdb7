import assert from "node:assert/strict";
import { test } from "node:test";
import { createCryptography } from "../../../src/adapters/common/cryptography.ts";
import { createManualClock } from "../../../src/adapters/memory/clock.ts";
import { createMemoryFileStore } from "../../../src/adapters/memory/file_store.ts";
import type { Users } from "../../../src/commands/acl/users.ts";
import { createCommandTable } from "../../../src/commands/registry.ts";
import { COMMAND_FAMILIES } from "../../../src/server/command_families.ts";
import { createUsers } from "../../../src/server/users.ts";
import { testSettings } from "../../support/test_settings.ts";

const registry = createCommandTable(COMMAND_FAMILIES);
const encoder = new TextEncoder();

function start(changes: Parameters<typeof testSettings>[0] = {}) {
  const used: string[] = [];
  const { sha256, isEqual, randomBytes } = createCryptography();
  const users: Users = createUsers({
    options: { aclfile: "", users: [] },
    settings: testSettings(changes),
    registry,
    clock: createManualClock(),
    cryptography: {
      randomBytes,
      sha256: (bytes) => {
        used.push("hash");
        return sha256(bytes);
      },
      isEqual: (a, b) => {
        used.push(`compare ${a.length} ${b.length}`);
        return isEqual(a, b);
      },
    },
    files: createMemoryFileStore(),
    log: () => {},
  });
  const signIn = (name: string, password: string): string | undefined =>
    users.authenticate(name, encoder.encode(password))?.name;
  return { users, signIn, used };
}

test("a name and one of its passwords belong together", () => {
  const { users, signIn } = start();
  users.change("u", ["on", ">p", ">q"]);
  users.change("off", [">p"]);
  users.change("open", ["on", "nopass"]);
  users.change("none", ["on"]);
  assert.equal(signIn("u", "p"), "u");
  assert.equal(signIn("u", "q"), "u");
  for (const wrong of ["", "r", "pq", "P", "p\0"]) {
    assert.equal(signIn("u", wrong), undefined, wrong);
  }
  assert.equal(signIn("off", "p"), undefined);
  assert.equal(signIn("open", "anything"), "open");
  assert.equal(signIn("none", ""), undefined);
  assert.equal(signIn("nobody", "p"), undefined);
});

test("whether a name is known does not show in what is done", () => {
  const { users, signIn, used } = start();
  users.change("u", ["on", ">p"]);
  users.change("off", [">p"]);
  users.change("none", ["on"]);
  const seen = ["u", "off", "none", "nobody"].map((name) => {
    used.length = 0;
    assert.equal(signIn(name, "wrong"), undefined);
    return used.join(", ");
  });
  assert.deepEqual(seen, Array(4).fill("hash, compare 64 64"));
});

test("requirepass is the default user's password from the start", () => {
  const { users, signIn } = start({ requirepass: "s\u00e9same" });
  assert.equal(users.isSignInNeeded, true);
  assert.equal(signIn("default", "s\u00e9same"), "default");
  users.setDefaultPassword("other");
  assert.equal(signIn("default", "s\u00e9same"), undefined);
  users.setDefaultPassword("");
  assert.equal(users.isSignInNeeded, false);
});

test("acl-pubsub-default says what new users and selectors may use", () => {
  const { users } = start({ aclPubsubDefault: "allchannels" });
  users.change("u", ["(+get)"]);
  assert.equal(
    users.find("u")?.description,
    "off sanitize-payload &* -@all (&* -@all +get)",
  );
  users.change("u", ["resetchannels", "reset"]);
  assert.equal(users.find("u")?.description, "off sanitize-payload &* -@all");
});

test("users come in the order of their bytes", () => {
  const { users } = start();
  for (const name of ["b", "\xc3\xa4", "a", "B"]) users.change(name, []);
  assert.deepEqual(users.all().map(({ name }) => name), ["B", "a", "b", "default", "\u00e4"]);
});
