/** What users may do, and how sessions follow them, over sessions whose clock is moved by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Server } from "./blocking_harness.ts";

const NO_KEY = "-NOPERM No permissions to access a key~";
const NO_CHANNEL = "-NOPERM No permissions to access a channel~";
const WRONG = "-WRONGPASS invalid username-password pair or user is disabled.~";
const noCommand = (name: string, user = "u"): string =>
  `-NOPERM User ${user} has no permissions to run the '${name}' command~`;

/** A server with user u, an administrator, and a session that acts as u. */
function start(...rules: string[]) {
  const server = new Server();
  server.logged = "";
  const admin = server.connect();
  const client = server.connect();
  assert.equal(admin.call(`ACL SETUSER u on >p ${rules.join(" ")}`), "+OK~");
  assert.equal(client.call("AUTH u p"), "+OK~");
  return {
    server,
    admin,
    client,
    ...{ setUser: (more: string) => admin.call(`ACL SETUSER u ${more}`) },
  };
}

/** Lets promises settle. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

test("commands, keys and channels are refused in the words of Redis", () => {
  const { client } = start("+@all", "-config|set", "-flushall", "~a*", "&news*");
  assert.equal(client.call("SET a1 1", "GET a1"), "+OK~$1~1~");
  assert.equal(client.call("SET b 1", "MSET a1 1 b 2", "RENAME a1 b"), NO_KEY.repeat(3));
  assert.equal(client.call("FLUSHALL"), noCommand("flushall"));
  assert.equal(client.call("CONFIG SET hz 10"), noCommand("config|set"));
  assert.match(client.call("CONFIG GET hz"), /^\*2~/);
  assert.equal(client.call("PUBLISH news.1 x", "PUBLISH chat x"), `:0~${NO_CHANNEL}`);
  assert.equal(client.call("PSUBSCRIBE news.*"), NO_CHANNEL);
  assert.match(client.call("PSUBSCRIBE news*"), /^\*3~/);
  assert.equal(client.call("nosuch"), "-ERR unknown command 'nosuch', with args beginning with: ~");
});

test("who may not run a command at all may still sign in, greet, reset and quit", () => {
  const { client } = start();
  assert.equal(client.call("PING", "ACL WHOAMI"), noCommand("ping") + noCommand("acl|whoami"));
  assert.match(client.call("HELLO 2"), /^\*14~/);
  assert.equal(client.call("AUTH u p"), "+OK~");
  assert.equal(client.call("RESET", "ACL WHOAMI"), "+RESET~$7~default~");
  assert.equal(client.call("QUIT"), "+OK~");
});

test("a first argument lets a denied command pass", () => {
  const { client } = start("+select|0");
  assert.equal(client.call("SELECT 0", "SELECT 1"), `+OK~${noCommand("select")}`);
});

test("one selector must allow everything that a command needs", () => {
  const { client } = start("+get", "~a", "(+set ~b)");
  assert.equal(client.call("GET a", "SET b 1"), "$-1~+OK~");
  assert.equal(client.call("GET b"), NO_KEY);
  assert.equal(client.call("SET a 1"), NO_KEY);
  assert.equal(client.call("DEL a"), noCommand("del"));
});

test("keys may be allowed for reading or writing alone", () => {
  const { client } = start("+@all", "%R~r", "%W~w");
  assert.equal(client.call("GET r", "SET w 1"), "$-1~+OK~");
  assert.equal(client.call("SET r 1", "GET w", "SET w 2 GET", "GETDEL w"), NO_KEY.repeat(4));
  assert.equal(client.call("EXISTS w r"), ":1~");
  assert.equal(client.call("COPY r w", "COPY w r"), `:0~${NO_KEY}`);
});

test("PURGE needs a pattern that allows all keys with the prefix to be written", () => {
  const { client, admin } = start("+@all", "~a:*", "%R~b:*");
  admin.call("MSET a:1 v a:x:1 v b:1 v");
  assert.equal(client.call("PURGE PREFIX a:x", "PURGE PREFIX a:"), ":1~:1~");
  assert.equal(client.call("PURGE PREFIX a", "PURGE PREFIX b:"), NO_KEY.repeat(2));
  assert.equal(
    admin.call("ACL DRYRUN u purge prefix b:"),
    "$48~User u has no permissions to access the 'b:' key~",
  );
});

test("a session follows its user at once", () => {
  const { client, setUser, admin } = start("+get", "~*");
  assert.equal(client.call("SET k v"), noCommand("set"));
  setUser("+set");
  assert.equal(client.call("SET k v"), "+OK~");
  setUser("allcommands allchannels");
  assert.equal(client.call("CONFIG SET hz 11"), "+OK~");
  setUser("-get");
  assert.equal(client.call("GET k"), noCommand("get"));
  setUser("off");
  assert.equal(client.call("PING"), "+PONG~");
  assert.equal(admin.call("AUTH u p"), WRONG);
  assert.match(admin.call("CLIENT LIST"), / user=default .*\nid=2 .* user=u /);
});

test("removing a user ends its sessions, the caller's after the reply", () => {
  const { server, admin, client } = start("+@all", "~*", "&*");
  const other = server.connect();
  other.call("AUTH u p");
  assert.equal(client.call("ACL DELUSER u nobody", "PING"), ":1~");
  assert.equal(client.isOver, true);
  assert.equal(other.isOver, true);
  assert.equal(admin.call("ACL USERS", "AUTH u p"), `*1~$7~default~${WRONG}`);
  assert.equal(admin.call("ACL DELUSER u default"), "-ERR The 'default' user cannot be removed~");
});

test("what stands in a transaction behind the removal of its own user is not run", () => {
  const { client } = start("+@all", "~*", "&*");
  client.call("MULTI", "ACL DELUSER u", "SET k v");
  assert.equal(client.call("EXEC"), "*2~:1~-NOAUTH Authentication required.~");
  assert.equal(client.isOver, true);
});

test("a subscriber goes when its user loses the channel", () => {
  const { server, client, setUser, admin } = start("+@all", "&a", "&b", "&p*");
  const others = [server.connect(), server.connect()];
  for (const each of others) each.call("AUTH u p");
  client.call("SUBSCRIBE a b");
  others[0].call("PSUBSCRIBE p*");
  others[1].call("SSUBSCRIBE a");
  setUser("resetchannels &a &p*");
  assert.deepEqual([client, ...others].map((each) => each.isOver), [true, false, false]);
  setUser("resetchannels &p &x*");
  assert.deepEqual([client, ...others].map((each) => each.isOver), [true, true, true]);
  assert.equal(admin.isOver, false);
});

test("a subscriber goes when its user may not use all channels any more", () => {
  const { client, setUser } = start("+@all", "&*");
  client.call("SUBSCRIBE a");
  setUser("resetchannels &a");
  assert.equal(client.isOver, false);
  setUser("resetchannels");
  assert.equal(client.isOver, true);
});

test("MULTI asks when a command is queued, and again at EXEC", () => {
  const { client, setUser, admin } = start("+@all", "~a*");
  assert.equal(
    client.call("MULTI", "SET b 1", "EXEC"),
    `+OK~${NO_KEY}-EXECABORT Transaction discarded because of previous errors.~`,
  );
  assert.equal(client.call("MULTI", "SET a 1", "GET a", "PING"), "+OK~+QUEUED~+QUEUED~+QUEUED~");
  setUser("-get resetkeys ~b");
  const changed =
    "-NOPERM ACLs rules changed between the moment the transaction was accumulated and " +
    "the EXEC call. This command is no longer allowed for the following reason: ";
  assert.equal(
    client.call("EXEC"),
    `*3~${changed}no permission to touch the specified keys~${changed}no permission to execute the ` +
      "command or subcommand~+PONG~",
  );
  const log = admin.call("ACL LOG");
  assert.equal(log.match(/~multi~/g)?.length, 3, log);
});

test("a command that waited is asked again when it could be served", () => {
  const { client, setUser, admin } = start("+@all", "~*");
  assert.equal(client.call("BLPOP q 0"), "");
  setUser("-blpop");
  assert.equal(admin.call("RPUSH q x", "LLEN q"), ":1~:1~");
  assert.equal(client.take(), noCommand("blpop"));
  assert.equal(client.call("PING"), "+PONG~");
});

test("SORT's patterns need a selector that may read every key", () => {
  const denied = (word: string): string =>
    `-ERR ${word} option of SORT denied due to insufficient ACL permissions.~`;
  const { client, setUser } = start("+@all", "~l");
  client.call("RPUSH l 2 1");
  assert.equal(client.call("SORT l BY w_*"), denied("BY"));
  assert.equal(client.call("SORT l GET v_*"), denied("GET"));
  assert.equal(client.call("SORT_RO l GET #"), denied("GET"));
  assert.equal(client.call("SORT l BY nosort"), "*2~$1~2~$1~1~");
  setUser("(~* +get)");
  assert.equal(client.call("SORT l BY w_*"), denied("BY"));
  setUser("%R~*");
  assert.equal(client.call("SORT l BY w_* GET #"), "*2~$1~1~$1~2~");
});

test("requirepass is the default user's password, and back", () => {
  const server = new Server();
  server.logged = "";
  const old = server.connect();
  assert.equal(old.call("CONFIG SET requirepass secret"), "+OK~");
  const client = server.connect();
  const refused = "-NOAUTH Authentication required.~";
  assert.equal(client.call("PING"), refused);
  assert.equal(old.call("PING"), "+PONG~");
  assert.match(
    old.call("ACL LIST"),
    /user default on sanitize-payload #2bb80d537b1da3e38bd30361aa8/,
  );
  assert.equal(client.call("AUTH secret", "PING"), "+OK~+PONG~");
  const third = server.connect();
  assert.equal(third.call("PING"), refused);
  assert.equal(
    old.call("CONFIG SET requirepass ''", "CONFIG GET requirepass"),
    "+OK~*2~$11~requirepass~$2~''~",
  );
  assert.equal(old.call("ACL SETUSER default nopass"), "+OK~");
  assert.equal(third.call("PING"), "+PONG~");
  assert.equal(old.call("ACL SETUSER default off"), "+OK~");
  assert.equal(third.call("PING"), refused);
  assert.equal(old.call("PING"), "+PONG~");
});

test("what is denied is counted and logged", () => {
  const { server, admin, client } = start("+get", "~a", "+publish");
  client.call("GET a", "SET a 1", "SET a 1", "GET b", "PUBLISH c x", "AUTH u wrong");
  assert.equal(client.call("CLIENT ID"), noCommand("client|id"));
  const info = admin.call("INFO stats");
  for (const [name, count] of [["auth", 1], ["cmd", 3], ["key", 1], ["channel", 1]]) {
    assert.ok(info.includes(`acl_access_denied_${name}:${count}~`), `${name} ${info}`);
  }
  server.pass(1500);
  const log = admin.call("ACL LOG");
  const entries = log.split("$5~count~").slice(1).map((text) => {
    const [count, , reason, , , , context, , , , object, , , , user, , , , age] = text.split("~");
    return [count, reason, context, object, user, age].join(" ");
  });
  assert.equal(entries.length, 5, log);
  assert.match(
    log,
    /\$5~count~:2~\$6~reason~\$7~command~\$7~context~\$8~toplevel~\$6~object~\$3~set~/,
  );
  assert.match(
    log,
    /\$8~username~\$1~u~\$11~age-seconds~\$3~1\.5~\$11~client-info~\$\d+~id=2 addr=/,
  );
  assert.match(log, /\$6~reason~\$4~auth~.*\$6~object~\$4~AUTH~\$8~username~\$1~u~/);
  assert.match(
    log,
    /\$8~entry-id~:4~\$17~timestamp-created~:1700000000000~\$22~timestamp-last-updated~:/,
  );
  assert.equal(admin.call("ACL LOG 0", "ACL LOG -5", "ACL LOG reset", "ACL LOG"), "*0~*0~+OK~*0~");
  admin.call("CONFIG SET acllog-max-len 1");
  client.call("GET b", "SET a 1");
  assert.equal(admin.call("ACL LOG").split("$5~count~").length - 1, 1);
  admin.call("CONFIG RESETSTAT");
  assert.ok(admin.call("INFO stats").includes("acl_access_denied_cmd:0~"));
});

test("ACL GETUSER, LIST, USERS and WHOAMI show users", () => {
  const { admin, client } = start("~a*", "&c", "+@read", "+acl|whoami", "(+set ~b)");
  const digest = "148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940";
  assert.ok(
    admin.call("ACL LIST").includes(
      `user u on sanitize-payload #${digest} ` +
        "~a* resetchannels &c -@all +@read +acl|whoami (~b resetchannels -@all +set)",
    ),
  );
  assert.equal(admin.call("ACL USERS"), "*2~$7~default~$1~u~");
  assert.equal(client.call("ACL WHOAMI"), "$1~u~");
  assert.equal(admin.call("ACL GETUSER nobody"), "$-1~");
  admin.call("HELLO 3");
  assert.equal(
    admin.call("ACL GETUSER u"),
    `%6~$5~flags~~2~$2~on~$16~sanitize-payload~$9~passwords~*1~$64~${digest}~$8~commands~$24~` +
      "-@all +@read +acl|whoami~$4~keys~$3~~a*~$8~channels~$2~&c~$9~selectors~*1~%3~$8~commands~" +
      "$10~-@all +set~$4~keys~$2~~b~$8~channels~$0~~",
  );
});

test("a selector whose parenthesis stays open is told by its first word", () => {
  const { admin } = start();
  assert.equal(
    admin.call("ACL SETUSER u +get (+set (~a"),
    "-ERR Unmatched parenthesis in acl selector starting at '(+set'.~",
  );
  assert.equal(
    admin.call("ACL SETUSER u (+set (~a )"),
    "-ERR Error in ACL SETUSER modifier '(+set (~a )': Syntax error~",
  );
  assert.equal(admin.call("ACL SETUSER u +get ( +set ~b ) -ttl"), "+OK~");
  assert.ok(admin.call("ACL LIST").includes("+get -ttl (~b resetchannels -@all +set)"));
});

test("rules are applied all together or not at all", () => {
  const { admin, client } = start("+get", "~*");
  assert.match(admin.call("ACL SETUSER u +set foo"), /modifier 'foo': Syntax error~$/);
  assert.equal(client.call("SET k v"), noCommand("set"));
  assert.match(admin.call("ACL SETUSER v +set foo"), /^-ERR /);
  assert.equal(admin.call("ACL GETUSER v"), "$-1~");
});

test("ACL GENPASS draws as many bits as asked for", () => {
  const { admin } = start();
  assert.match(admin.call("ACL GENPASS"), /^\$64~[0-9a-f]{64}~$/);
  assert.match(admin.call("ACL GENPASS 1", "ACL GENPASS 5"), /^\$1~[0-9a-f]~\$2~[0-9a-f]{2}~$/);
  assert.match(admin.call("ACL GENPASS 4096"), /^\$1024~/);
  assert.notEqual(admin.call("ACL GENPASS"), admin.call("ACL GENPASS"));
  for (const bits of ["0", "-1", "4097"]) {
    assert.match(
      admin.call(`ACL GENPASS ${bits}`),
      /^-ERR ACL GENPASS argument must be the number/,
    );
  }
});

test("after some failures AUTH is answered later, whether right or wrong, and nobody else is", async () => {
  const { server, client, admin } = start("+@all", "~*");
  for (let i = 0; i < 5; i++) assert.equal(client.call("AUTH u wrong"), WRONG);
  assert.equal(client.call("AUTH u wrong", "PING"), "");
  server.pass(99);
  await settle();
  assert.equal(client.take(), "");
  assert.equal(admin.call("PING"), "+PONG~");
  server.pass(1);
  await settle();
  assert.equal(client.take(), `${WRONG}+PONG~`);
  assert.equal(client.call("HELLO 3 AUTH u p SETNAME me", "CLIENT GETNAME"), "");
  server.pass(199);
  await settle();
  assert.equal(client.take(), "");
  server.pass(1);
  await settle();
  assert.match(client.take(), /^%7~.*\$2~me~$/);
  assert.match(server.logged ?? "", /Failed sign-in as "u" by 127\.0\.0\.1:50002 id=2\n/);
});

test("a connection that goes while its AUTH waits leaves nothing behind", async () => {
  const { server, client, admin } = start();
  for (let i = 0; i < 5; i++) client.call("AUTH u wrong");
  client.send("AUTH u p");
  server.turn();
  client.drop();
  server.pass(1000);
  await settle();
  assert.ok(!admin.call("CLIENT LIST").includes("id=2 "));
});

test("AUTH that waits signs in although its reply is not wanted", async () => {
  const { server, client } = start("+acl|whoami", "+client|reply");
  for (let i = 0; i < 5; i++) client.call("AUTH nobody wrong");
  client.call("CLIENT REPLY OFF", "AUTH default x");
  server.pass(100);
  await settle();
  assert.equal(client.call("CLIENT REPLY ON", "ACL WHOAMI"), "+OK~$7~default~");
});

test("within a transaction nobody waits: AUTH is refused after many failures", () => {
  const { client } = start("+@all", "~*");
  assert.equal(client.call("MULTI", "AUTH u wrong", "EXEC"), `+OK~+QUEUED~*1~${WRONG}`);
  for (let i = 0; i < 4; i++) client.call("AUTH u wrong");
  assert.equal(
    client.call("MULTI", "AUTH u p", "EXEC"),
    "+OK~+QUEUED~*1~-ERR AUTH is not possible in a transaction after many failures, try later~",
  );
});

test("CLIENT KILL USER and LIST know users", () => {
  const { admin, client } = start();
  assert.equal(admin.call("CLIENT KILL USER nobody"), "-ERR No such user 'nobody'~");
  assert.equal(admin.call("CLIENT KILL USER u"), ":1~");
  assert.equal(client.isOver, true);
});

test("rules name commands as they were called before they were renamed", () => {
  const server = new Server(1, {
    prepare(options) {
      options.renamedCommands = [["GET", "fetch"], ["config", ""], ["CLIENT", "Klient"]];
    },
  });
  server.logged = "";
  const admin = server.connect();
  assert.equal(admin.call("ACL SETUSER u on nopass ~* +get +config|get -client|id"), "+OK~");
  assert.match(admin.call("ACL SETUSER u +fetch"), /Unknown command or category/);
  const client = server.connect();
  client.call("AUTH u x");
  assert.equal(client.call("FETCH k", "KLIENT id"), `$-1~${noCommand("client|id")}`);
  assert.match(client.call("GET k"), /^-ERR unknown command 'GET'/);
  assert.match(client.call("CONFIG GET x"), /^-ERR unknown command 'CONFIG'/);
  assert.equal(admin.call("FETCH"), "-ERR wrong number of arguments for 'get' command~");
  assert.match(admin.call("COMMAND INFO fetch"), /^\*1~\*10~\$3~get~/);
  assert.match(admin.call("COMMAND INFO client|id klient|id"), /~\*10~\$9~client\|id~/);
  assert.ok(!admin.call("COMMAND LIST").includes("config|get"));
  assert.equal(admin.call("ACL DRYRUN u get k"), "-ERR Command 'get' not found~");
  assert.equal(admin.call("ACL DRYRUN u fetch k"), "+OK~");
});
