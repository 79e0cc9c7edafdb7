/** Random users to a real redis-server and to this one: the same is allowed to them. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { after, before, test } from "node:test";
import { elementsOf, valueOf } from "../support/frames.ts";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { killProcesses, startTestServer, type TestServer } from "../support/test_server.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";
import { filled, inNewWords, isHarmless, type Names, randomRules, randomShape } from "./acl.ts";
import { Chooser } from "./pools.ts";

const SEED = Number(process.env.CRABCACHE_DIFF_SEED ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = Number(process.env.CRABCACHE_DIFF_STEPS ?? 60);
const ASKED = 60;
const USER = "\u00fcser";
const RAW_USER = Buffer.from(USER).toString("latin1");

const missing = missingProgram("redis-server");
let server: TestServer | undefined;
let real: WireClient;
let ours: WireClient;
let realAddress: TestServer["address"];

before(async () => {
  if (missing !== undefined) return;
  realAddress = (await startRedis()).address;
  server = await startTestServer("--auth-fail-delay-ms", "0");
  real = await connect(realAddress);
  ours = await connect(server.address);
});

after(async () => {
  closeClients();
  await killProcesses();
  await server?.close();
});

async function call(client: WireClient, ...command: string[]): Promise<Buffer> {
  client.sendCommands([command]);
  return await client.read();
}

async function texts(client: WireClient, ...command: string[]): Promise<string[]> {
  return elementsOf(await call(client, ...command)).map((each) => String(valueOf(each)));
}

/** Names of both servers, with the arity. */
async function sharedCommands(): Promise<Map<string, number>> {
  const of = async (client: WireClient): Promise<Map<string, number>> => {
    const found = new Map<string, number>();
    const add = (entry: Buffer): void => {
      const [name, arity, , , , , , , , subcommands] = elementsOf(entry);
      found.set(String(valueOf(name)), Number(valueOf(arity)));
      if (subcommands[1] !== 48) { for (const each of elementsOf(subcommands)) add(each); }
    };
    for (const entry of elementsOf(await call(client, "COMMAND"))) add(entry);
    return found;
  };
  const own = await of(ours);
  return new Map([...await of(real)].filter(([name]) => own.has(name)));
}

/** A map reply as pairs. */
function pairs(frame: Buffer): Map<string, Buffer> {
  const elements = elementsOf(frame);
  const found = new Map<string, Buffer>();
  for (let i = 0; i < elements.length; i += 2) {
    found.set(String(valueOf(elements[i])), elements[i + 1]);
  }
  return found;
}

/** GETUSER without the rules about commands, which Redis 7.0 words in another order. */
function comparable(frame: Buffer): string {
  const shown = (each: Buffer): string => each.toString("latin1");
  const lines: string[] = [];
  for (const [name, value] of pairs(frame)) {
    if (name === "commands") continue;
    if (name === "selectors") lines.push(...elementsOf(value).map((each) => comparable(each)));
    else lines.push(`${name}: ${shown(value)}`);
  }
  return lines.join("\n");
}

test("ACL CAT lists the same commands", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const shared = await sharedCommands();
  assert.ok(shared.size > 250, `${shared.size} commands are in both`);
  const categories = await texts(ours, "ACL", "CAT");
  assert.deepEqual(categories, await texts(real, "ACL", "CAT"));
  for (const category of categories) {
    const of = async (client: WireClient): Promise<string[]> =>
      (await texts(client, "ACL", "CAT", category)).filter((name) => shared.has(name)).sort();
    assert.deepEqual(await of(ours), await of(real), category);
  }
});

test("random rules allow the same", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const c = new Chooser(SEED);
  const shared = await sharedCommands();
  const names: Names = {
    commands: [...shared.keys()],
    categories: await texts(real, "ACL", "CAT"),
  };
  let denials = 0;
  let refused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const rules: string[] = [];
    const hint = (): string => `seed ${SEED}, round ${round}: ${JSON.stringify(rules)}`;
    for (const client of [real, ours]) await call(client, "ACL", "SETUSER", USER, "reset");
    for (let left = c.between(1, 3); left > 0; left--) {
      const more = randomRules(c, names);
      const words = ["ACL", "SETUSER", USER, ...more];
      rules.push(...more, ";");
      const [expected, actual] = [await call(real, ...words), await call(ours, ...words)];
      assert.equal(actual.toString("latin1"), expected.toString("latin1"), hint());
      if (expected[0] === 45) refused++;
    }
    await compareDescriptions(hint);
    denials += await compareDryRuns(c, shared, hint);
    await compareCalls(c, hint);
    if (c.chance(30)) {
      assert.equal(String(await call(real, "ACL", "DELUSER", USER)), ":1\r\n");
      assert.equal(String(await call(ours, "ACL", "DELUSER", USER)), ":1\r\n", hint());
    }
  }
  assert.ok(denials > ROUNDS * 5, `${denials} commands were denied`);
  assert.ok(refused > ROUNDS / 20, `${refused} rules were refused`);
});

/** Our description of a user makes the same user at redis-server. */
async function compareDescriptions(hint: () => string): Promise<void> {
  const known = await call(real, "ACL", "GETUSER", USER);
  const own = await call(ours, "ACL", "GETUSER", USER);
  assert.equal(comparable(own), comparable(known), hint());
  const prefix = `user ${USER} `;
  const line = (await texts(ours, "ACL", "LIST")).find((each) => each.startsWith(prefix));
  assert.ok(line !== undefined, hint());
  const copy = ["ACL", "SETUSER", "copy", "reset", ...line.slice(prefix.length).split(" ")];
  assert.equal(String(await call(real, ...copy)), "+OK\r\n", `${hint()} ${line}`);
  const copied = await call(real, "ACL", "GETUSER", "copy");
  // How Redis 7.0 describes commands depends on nothing but what is allowed, but for the order of
  // first arguments.
  assert.equal(sorted(copied), sorted(known), `${hint()} ${line}`);
}

/** With the rules about commands in the order of their letters. */
function sorted(frame: Buffer): string {
  return frame.toString("latin1").replace(
    /[-+]@all [^\r]*/g,
    (rules) => rules.split(" ").sort().join(" "),
  );
}

async function compareDryRuns(
  c: Chooser,
  shared: ReadonlyMap<string, number>,
  hint: () => string,
): Promise<number> {
  const all = [...shared];
  const asked: string[][] = [];
  for (let i = 0; i < ASKED; i++) {
    const [name, arity] = c.pick(all);
    asked.push(i % 2 === 0 ? randomShape(c) : filled(c, name, arity));
  }
  const commands = asked.map((words) => ["ACL", "DRYRUN", USER, ...words]);
  real.sendCommands(commands);
  ours.sendCommands(commands);
  let denials = 0;
  for (const words of asked) {
    const expected = lengthless((await real.read()).toString("latin1"));
    const actual = lengthless((await ours.read()).toString("latin1"));
    assert.equal(actual, inNewWords(expected, RAW_USER), `${hint()} ${JSON.stringify(words)}`);
    if (actual.includes("no permissions")) denials++;
  }
  return denials;
}

/** A bulk string's length depends on the words. */
function lengthless(text: string): string {
  return text.replace(/^\$\d+/, "$0");
}

/** Signs in, and really calls some commands. */
async function compareCalls(c: Chooser, hint: () => string): Promise<void> {
  const theirs = await connect(realAddress);
  const own = await connect(server!.address);
  const asked = [["AUTH", USER, c.pick(["p", "secret"])]];
  while (asked.length < 12) {
    const words = randomShape(c);
    if (isHarmless(words)) asked.push(words);
  }
  theirs.sendCommands(asked);
  own.sendCommands(asked);
  let isUser = false;
  for (const [i, words] of asked.entries()) {
    const expected = await theirs.readText();
    const actual = await own.readText();
    if (i === 0) isUser = expected === "+OK\r\n";
    const where = `${hint()} ${JSON.stringify(words)}`;
    assert.equal(actual, isUser ? inNewWords(expected, RAW_USER) : expected, where);
  }
  theirs.close();
  own.close();
}

/** Commands whose replies are the same, byte for byte; "U" is a user that may only PING. */
const WORDED: readonly (readonly string[])[] = [
  ...[
    "GETUSER nobody",
    "GETUSER",
    "LOG a",
    "LOG 1 2",
    "LOG 0",
    "LOG -1",
    "LOG reset x",
    "LOG RESET",
  ],
  ...["CAT x y", "CAT nope", "GENPASS 0", "GENPASS -1", "GENPASS 4097", "GENPASS a", "GENPASS 1 2"],
  ...[
    "DRYRUN nobody get a",
    "DRYRUN U nope",
    "DRYRUN U get",
    "DRYRUN U get a b",
    "DRYRUN U config",
  ],
  ...[
    "DRYRUN U config nope",
    "DRYRUN U config|get",
    "DRYRUN U ping",
    "DRYRUN U",
    "DRYRUN U PING x y",
  ],
  ...["LOAD", "SAVE", "LOAD x", "HELP", "HELP x", "nosuch", "", "WHOAMI", "WHOAMI x", "USERS x"],
  ...["SETUSER", "SETUSER U (+get", "SETUSER U +get (~a &b", "SETUSER U %R", "SETUSER U resetkeys"],
  ...["DELUSER", "DELUSER default", "DELUSER U default", "DELUSER nobody nobody", "LIST x"],
].map((words) => ["ACL", ...words.split(" ")]).concat([
  ["ACL"],
  ["ACL", "SETUSER", "a b"],
  ["ACL", "SETUSER", "a\0b"],
  ["ACL", "SETUSER", "U", "foo\r\nbar"],
  ["ACL", "SETUSER", "U", "+get\0x", "on\0", "~a\tb"],
  ["ACL", "SETUSER", "U", "(+get \"+set\" '~x y')"],
  ["ACL", "SETUSER", "U", '(+get "~x)'],
  ["ACL", "CAT", "n".repeat(300)],
  ["AUTH", "x"],
  ["AUTH"],
  ["AUTH", "a", "b", "c"],
  ["AUTH", "nobody", "x"],
  ["AUTH", "default", "anything"],
  ["CLIENT", "KILL", "USER", "nobody"],
  ["HELLO", "3", "AUTH", "nobody", "x"],
  ["CONFIG", "GET", "acllog-max-len"],
  ["CONFIG", "SET", "acl-pubsub-default", "x"],
  ["CONFIG", "SET", "aclfile", "x"],
]);

/** ACL HELP without the two lines about a command that Redis does not have. */
function withoutOwn(help: string): string {
  const [before, after] = help.split(/\+RESTTOKEN[^\n]*\n[^\n]*\n/);
  return after === undefined ? help : before.replace(/^\*31\r/, "*29\r") + after;
}

test("everything else about users is said in the same words", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const replies: string[][] = [];
  for (const address of [realAddress, server!.address]) {
    const client = await connect(address);
    await call(client, "ACL", "SETUSER", "U", "reset", "on", "nopass", "+ping");
    client.sendCommands(WORDED);
    const answers = await client.readAll(WORDED.length);
    replies.push(answers.map((each) => inNewWords(each.toString("latin1"), "U")));
    client.close();
  }
  WORDED.forEach((words, i) =>
    assert.equal(withoutOwn(replies[1][i]), replies[0][i], JSON.stringify(words))
  );
});

test("who must sign in is told so in the same words", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const asked = [
    ...[["PING"], ["GET", "a"], ["GET"], ["nosuch"], ["HELLO"], ["HELLO", "2"], ["RESET"], [
      "ACL",
      "x",
    ]],
    ...[["AUTH", "wrong"], ["AUTH", "default", "wrong"], ["AUTH", "secret"], ["PING"]],
    ...[["ACL", "SETUSER", "default", "off"], ["PING"], ["RESET"], ["PING"], ["AUTH", "secret"]],
  ];
  const replies: string[][] = [];
  for (const address of [realAddress, server!.address]) {
    const keeper = await connect(address);
    await call(keeper, "CONFIG", "SET", "requirepass", "secret");
    const client = await connect(address);
    client.sendCommands(asked);
    replies.push((await client.readAll(asked.length)).map((each) =>
      // As Redis 7.2 words it.
      String(each).replace("the HELLO AUTH", "the HELLO <proto> AUTH")
    ));
    await call(keeper, "ACL", "SETUSER", "default", "on");
    await call(keeper, "CONFIG", "SET", "requirepass", "");
    client.close();
  }
  assert.deepEqual(replies[1], replies[0]);
});
