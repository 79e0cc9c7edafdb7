import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../../src/adapters/memory/clock.ts";
import type { User } from "../../../src/commands/acl/user.ts";
import { createCommandTable } from "../../../src/commands/registry.ts";
import { COMMAND_FAMILIES } from "../../../src/server/command_families.ts";
import { createTestUsers } from "../../support/test_users.ts";

const registry = createCommandTable(COMMAND_FAMILIES);

function makeUser(...rules: string[]): { user: User; lines: string[]; problem: string } {
  const lines: string[] = [];
  const users = createTestUsers({ registry, clock: createManualClock(), lines });
  const failure = users.change("u", rules);
  if (failure !== undefined) users.change("u", []);
  return { user: users.find("u")!, lines, problem: failure?.problem ?? "" };
}

function described(...rules: string[]): string {
  return makeUser(...rules).user.description;
}

function problem(...rules: string[]): string {
  return makeUser(...rules).problem;
}

test("a new user may do nothing", () => {
  assert.equal(described(), "off sanitize-payload resetchannels -@all");
});

test("rules about commands keep their order, without those that later ones made void", () => {
  const of = (...rules: string[]): string => {
    const text = described("on", "allkeys", "allchannels", ...rules);
    assert.match(text, /^on sanitize-payload ~\* &\* /);
    return text.slice("on sanitize-payload ~* &* ".length);
  };
  assert.equal(of("+@all", "-@admin", "+acl", "-acl|save"), "+@all -@admin +acl -acl|save");
  assert.equal(of("-acl|save", "+ACL"), "-@all +acl");
  assert.equal(of("+get", "-get", "+set"), "-@all -get +set");
  assert.equal(of("+@read", "-@READ", "+@read"), "-@all +@read");
  assert.equal(of("+get", "+@all"), "+@all");
  assert.equal(of("+@all", "nocommands", "+get"), "-@all +get");
  // What only begins alike is something else.
  assert.equal(of("+getex", "+get", "+getdel"), "-@all +getex +get +getdel");
});

test("patterns are listed once, with all that they permit", () => {
  assert.equal(
    described("%R~a", "%W~b", "%RW~c", "~d", "%w~a", "&x", "&x", "&y"),
    "off sanitize-payload ~a %W~b ~c ~d resetchannels &x &y -@all",
  );
});

test("selectors are described behind the user's own rules", () => {
  assert.equal(
    described("on", "+get", "(~a* +set)", "(&c allkeys)"),
    "on sanitize-payload resetchannels -@all +get (~a* resetchannels -@all +set) " +
      "(~* resetchannels &c -@all)",
  );
  assert.equal(described("(+get)", "clearselectors"), described());
  assert.equal(described("on", ">p", "~a", "&b", "+get", "(+set)", "reset"), described());
});

test("words of a selector may stand in quotes", () => {
  assert.equal(
    described("(+get \"~a\\x62\" '&c')"),
    `${described()} (~ab resetchannels &c -@all +get)`,
  );
  assert.equal(described('(+get "~a)'), `${described()} (resetchannels -@all)`);
});

test("passwords are kept as digests, each once", () => {
  const digest = "148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940";
  const { user } = makeUser(">p", `#${digest}`, ">p");
  assert.deepEqual(user.passwords, [digest]);
  assert.equal(described(">p", "<p"), described());
  assert.equal(described(">p", `!${digest}`), described());
  assert.match(described("nopass"), /^off nopass /);
  assert.equal(makeUser("nopass", ">p").user.needsNoPassword, false);
  assert.deepEqual(makeUser(">p", "nopass").user.passwords, []);
  assert.deepEqual(makeUser(">p", "resetpass").user.passwords, []);
});

test("first arguments make a denied command possible, and are warned of", () => {
  const { user, lines } = makeUser("+SELECT|0", "+select|1");
  const { id } = registry.find("select")!;
  assert.deepEqual(user.selectors[0].firstArgumentsOf(id), ["0", "1"]);
  assert.equal(user.selectors[0].allows(id), false);
  assert.deepEqual(
    lines,
    ["+SELECT|0", "+select|1"].map((rule) =>
      "Deprecation warning: Allowing a first arg of an otherwise blocked command is a misuse of ACL " +
      `and may get disabled in the future (offender: ${rule})`
    ),
  );
  assert.equal(makeUser("+select|0", "-select").user.selectors[0].firstArgumentsOf(id), undefined);
});

test("what is wrong with a rule is said in the words of Redis", () => {
  const unknown = "Unknown command or category name in ACL";
  for (const rule of ["+nope", "-nope", "+@nope", "-@nope", "+config|nope", "-get|x", "+nope|x"]) {
    assert.equal(problem(rule), unknown, rule);
  }
  for (
    const rule of ["foo", "+select|", "%~a", "%x~a", "%RR~a", "~a b", "&a\tb", "~a\0", "(on)", "("]
  ) {
    assert.equal(problem(rule), "Syntax error", rule);
  }
  assert.equal(problem("+config|get|x"), "Allowing first-arg of a subcommand is not supported");
  assert.match(
    problem("~*", "~a"),
    /^Adding a pattern after the \* pattern \(or the 'allkeys' flag\)/,
  );
  assert.match(
    problem("~*", "%q"),
    /^Adding a pattern after the \* pattern \(or the 'allkeys' flag\)/,
  );
  assert.match(problem("&*", "&a"), /'allchannels' flag\) .* Try 'resetchannels'/);
  assert.match(problem("<p"), /^The password you are trying to remove/);
  for (const rule of ["#abc", `#${"A".repeat(64)}`, "!x", `#${"f".repeat(65)}`]) {
    assert.match(problem(rule), /^The password hash must be exactly 64 characters/, rule);
  }
  assert.equal(problem(""), "");
});

test("whoever may do everything is checked for nothing", () => {
  assert.equal(makeUser("+@all", "~*", "&*").user.guards, 0);
  assert.equal(makeUser("(+@all ~* &*)").user.guards, 0);
  for (
    const rules of [["+@all", "~*"], ["+@all", "&*"], ["~*", "&*"], ["+@all", "-get", "~*", "&*"]]
  ) {
    assert.notEqual(makeUser(...rules).user.guards, 0, rules.join(" "));
  }
});
