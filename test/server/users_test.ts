/** Users and passwords over real sockets, from options and files. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { quickly } from "../support/wait.ts";
import { closeClients, connect } from "../support/wire_client.ts";

const OK = "+OK\r\n";
const NOAUTH = "-NOAUTH Authentication required.\r\n";
const WRONG = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

const folder = mkdtempSync(join(tmpdir(), "users-"));
const servers: TestServer[] = [];
after(async () => {
  closeClients();
  for (const each of servers) await each.close();
  rmSync(folder, { recursive: true });
});

async function start(...flags: string[]): Promise<TestServer> {
  const server = await startTestServer(...flags);
  servers.push(server);
  return server;
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("users of the configuration file sign in and are held to their rules", async () => {
  const conf = file(
    "a.conf",
    "user default off\nuser alice on >pa ~app:* +@read (+set ~b)\nuser bob on #" +
      "148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940 allkeys allcommands\n",
  );
  const { address } = await start("--config", conf);
  const client = await connect(address);
  assert.equal(await client.call("PING"), NOAUTH);
  assert.equal(await client.call("AUTH", "pa"), WRONG);
  assert.equal(await client.call("AUTH", "alice", "p"), WRONG);
  assert.equal(await client.call("AUTH", "alice", "pa"), OK);
  assert.equal(await client.call("GET", "app:1"), "$-1\r\n");
  assert.equal(await client.call("SET", "b", "1"), OK);
  assert.equal(await client.call("GET", "b"), "-NOPERM No permissions to access a key\r\n");
  assert.match(await client.call("HELLO", "3", "AUTH", "bob", "p"), /^%7\r\n/);
  assert.equal(await client.call("GET", "b"), "$1\r\n1\r\n");
  assert.equal(await client.call("ACL", "WHOAMI"), "$3\r\nbob\r\n");
});

test("ACL SAVE and LOAD write and read the file of users", async () => {
  const path = file("users.acl", "user default on nopass ~* &* +@all\nuser alice on >p +ping\n");
  const { address } = await start("--aclfile", path);
  const [admin, alice] = [await connect(address), await connect(address)];
  assert.equal(await alice.call("AUTH", "alice", "p"), OK);
  assert.equal(await admin.call("ACL", "SETUSER", "bob", "on", "nopass", "~b*", "+get"), OK);
  assert.equal(await admin.call("ACL", "SAVE"), OK);
  assert.equal(
    readFileSync(path, "utf8"),
    "user alice on sanitize-payload #148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940 " +
      "resetchannels -@all +ping\nuser bob on nopass sanitize-payload ~b* resetchannels -@all +get\n" +
      "user default on nopass sanitize-payload ~* &* +@all\n",
  );
  writeFileSync(path, "user alice oops\n");
  assert.match(await admin.call("ACL", "LOAD"), /^-ERR .*users\.acl:1: Syntax error\. WARNING: /);
  assert.equal(await alice.call("PING"), "+PONG\r\n");
  const bob = await connect(address);
  assert.equal(await admin.call("ACL", "SETUSER", "bob", "+acl|load"), OK);
  assert.equal(await bob.call("AUTH", "bob", "x"), OK);
  writeFileSync(path, "user carol on nopass +@all\n");
  assert.equal(await bob.call("ACL", "LOAD"), OK);
  await Promise.all([alice.over, bob.over]);
  assert.equal(await admin.call("ACL", "USERS"), "*2\r\n$5\r\ncarol\r\n$7\r\ndefault\r\n");
  assert.equal(
    await admin.call("MULTI") + await admin.call("ACL", "LOAD") + await admin.call("EXEC"),
    `${OK}+QUEUED\r\n*1\r\n-ERR ACL LOAD and SAVE are possible neither in a transaction nor in process\r\n`,
  );
});

test("without a file of users ACL SAVE and LOAD say so", async () => {
  const { address } = await start();
  const client = await connect(address);
  for (const word of ["SAVE", "LOAD"]) {
    assert.match(
      await client.call("ACL", word),
      /^-ERR This Redis instance is not configured to use an ACL file\. /,
    );
  }
});

test("CONFIG REWRITE keeps users in the configuration file", async () => {
  const conf = file(
    "b.conf",
    '# mine\nuser alice on +get\nhz 12\nuser gone on\nrename-command keys ""\n',
  );
  const { address } = await start("--config", conf);
  const client = await connect(address);
  assert.equal(await client.call("CONFIG", "REWRITE"), OK);
  assert.ok(
    readFileSync(conf, "utf8").includes("# mine\nuser alice on +get\nhz 12\nuser gone on\n"),
  );
  await client.call("ACL", "DELUSER", "gone");
  await client.call("ACL", "SETUSER", "bob", "on", "nopass", '~"q', "(+get ~x)");
  assert.equal(await client.call("CONFIG", "REWRITE"), OK);
  const text = readFileSync(conf, "utf8");
  assert.ok(
    text.startsWith(
      "# mine\nuser alice on sanitize-payload resetchannels -@all +get\n" +
        'user bob on nopass sanitize-payload "~\\"q" resetchannels -@all (~x resetchannels -@all +get)\n' +
        'hz 12\nrename-command keys ""\n',
    ),
    text,
  );
  const again = await connect((await start("--config", conf)).address);
  assert.equal(await again.call("ACL", "LIST"), await client.call("ACL", "LIST"));
  assert.match(await again.call("KEYS", "*"), /^-ERR unknown command 'KEYS'/);
  assert.match(await again.call("DBSIZE"), /^:0/);
});

test("a user of a JSON file, of the environment's form, and of a flag", async () => {
  const json = file("c.json", '{"user": ["alice on nopass +ping", "bob on nopass +echo"]}');
  const { address } = await start(
    "--config",
    json,
    "--user",
    "carol",
    "on",
    "nopass",
    "+get",
    "~*",
  );
  const client = await connect(address);
  assert.match(await client.call("ACL", "USERS"), /alice.*bob.*carol.*default/s);
  assert.equal(await client.call("ACL", "SETUSER", "bob", "+get"), OK);
  assert.equal(await client.call("CONFIG", "REWRITE"), OK);
  const { user } = JSON.parse(readFileSync(json, "utf8"));
  assert.equal(user.length, 3);
  assert.equal(user[1], "bob on nopass sanitize-payload resetchannels -@all +echo +get");
});

test("what is wrong with users or names keeps a server from starting", async () => {
  const users = file("wrong.acl", "user a oops\n");
  const good = file("good.acl", "user a on\n");
  const cases: readonly (readonly [RegExp, ...string[]])[] = [
    [
      /Error loading ACL rule '\+nope' for the user named 'a': Unknown command/,
      "--user",
      "a",
      "+nope",
    ],
    [/Error loading ACL rule '#\*\*\*' for the user named 'a'/, "--user", "a", "#secret"],
    [/user \*\*\* .*Duplicate user found/, "--user", "a", "--user", "a"],
    [/Unmatched parenthesis in acl selector starting at '\(\+get'/, "--user", "a", "(+get"],
    [/Aborting startup because of ACL errors: .*wrong\.acl:1: Syntax error/, "--aclfile", users],
    [/Error loading ACLs, opening file '.*nosuch/, "--aclfile", join(folder, "nosuch")],
    [/both|please define either an ACL file or declare users/, "--aclfile", good, "--user", "a"],
    [/rename-command: No such command/, "--rename-command", "nosuch", "x"],
    [/rename-command: Target command name already exists/, "--rename-command", "get", "SET"],
    [/rename-command get .*wrong number of arguments/, "--rename-command", "get"],
  ];
  for (const [message, ...flags] of cases) {
    await assert.rejects(start(...flags), message, flags.join(" "));
  }
});

test("rename-command takes names away and gives others", async () => {
  const { address } = await start(
    "--rename-command",
    "FLUSHALL",
    "",
    "--rename-command",
    "config",
    "cfg",
  );
  const client = await connect(address);
  assert.match(await client.call("flushall"), /^-ERR unknown command 'flushall'/);
  assert.match(await client.call("config", "get", "hz"), /^-ERR unknown command 'config'/);
  assert.equal(await client.call("CFG", "GET", "hz"), "*2\r\n$2\r\nhz\r\n$2\r\n10\r\n");
  assert.match(await client.call("CFG"), /wrong number of arguments for 'config' command/);
});

test("whoever guesses passwords waits longer and longer, others do not", async () => {
  const { address, lines } = await start("--requirepass", "secret", "--auth-fail-delay-ms", "60");
  const client = await connect(address);
  for (let i = 0; i < 5; i++) assert.equal(await client.call("AUTH", String(i)), WRONG);
  await quickly("who does not sign in does not wait", 60, async () => {
    const other = await connect(address);
    assert.equal(await other.call("PING"), NOAUTH);
  });
  const started = performance.now();
  assert.equal(await client.call("AUTH", "5"), WRONG);
  const first = performance.now() - started;
  assert.equal(await client.call("AUTH", "secret"), OK);
  const second = performance.now() - started - first;
  assert.ok(first >= 59 && second >= 119, `${first} ms, then ${second} ms`);
  assert.match(
    lines.join("\n"),
    /Failed sign-in as "default" by 127\.0\.0\.1:\d+ id=\d+, 4 failures/,
  );
});
