/** What commands tell of the keys they change, as redis-server does: nothing that did not happen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { GENERIC_COMMANDS } from "../../src/commands/generic/mod.ts";
import { GEO_COMMANDS } from "../../src/commands/geo/mod.ts";
import { LIST_COMMANDS } from "../../src/commands/list/mod.ts";
import { SET_COMMANDS } from "../../src/commands/set/mod.ts";
import { SORTED_SET_COMMANDS } from "../../src/commands/sorted_set/mod.ts";
import { STREAM_COMMANDS } from "../../src/commands/stream/mod.ts";
import { STRING_COMMANDS } from "../../src/commands/string/mod.ts";
import { createFixture } from "../support/engine_fixture.ts";
import { recordEvents } from "../support/event_recorder.ts";

/** A command and what it tells: events, and "~" before a key that changed; "" = nothing. */
type Step = readonly [command: string, told: string];

function follow(steps: readonly Step[]): void {
  const fixture = createFixture({
    families: [
      GENERIC_COMMANDS,
      GEO_COMMANDS,
      LIST_COMMANDS,
      SET_COMMANDS,
      SORTED_SET_COMMANDS,
      STREAM_COMMANDS,
      STRING_COMMANDS,
    ],
  });
  const take = recordEvents(fixture.engine);
  for (const [command, told] of steps) {
    const reply = fixture.line(command);
    assert.equal(take().join(", "), told, `${command} replied ${JSON.stringify(reply)}`);
  }
}

test("pushes and pops tell of the list, and of its end", () => {
  follow([
    ["LPUSHX l a", ""],
    ["LPUSH l a b", "new l, ~l, lpush l"],
    ["RPUSHX l c", "~l, rpush l"],
    ["RPUSH l d", "~l, rpush l"],
    ["LPUSHX l e", "~l, lpush l"],
    ["LPOP l", "lpop l, ~l"],
    ["LPOP l 0", ""],
    ["RPOP l 2", "rpop l, ~l"],
    ["RPOP l", "rpop l, ~l"],
    ["LPOP l 9", "lpop l, del l, ~l"],
    ["LPOP l", ""],
    ["SET text x", "new text, ~text, set text"],
    ["RPUSH text a", ""],
    ["LPOP text", ""],
  ]);
});

test("changes inside of a list are told if something changed", () => {
  follow([
    ["RPUSH l a b a c a", "new l, ~l, rpush l"],
    ["LSET l 0 A", "~l, lset l"],
    ["LSET l 9 A", ""],
    ["LINSERT l BEFORE b x", "~l, linsert l"],
    ["LINSERT l BEFORE none x", ""],
    ["LREM l 0 none", ""],
    ["LREM l 1 a", "~l, lrem l"],
    // Even when all elements stay.
    ["LTRIM l 0 -1", "ltrim l, ~l"],
    ["LTRIM l 1 2", "ltrim l, ~l"],
    ["LTRIM l 5 9", "ltrim l, del l, ~l"],
    ["LTRIM l 0 1", ""],
    ["RPUSH l a a", "new l, ~l, rpush l"],
    ["LREM l -5 a", "~l, lrem l, del l"],
  ]);
});

test("moves tell of the push before the pop", () => {
  follow([
    ["RPUSH from a b c", "new from, ~from, rpush from"],
    ["LMOVE from to LEFT RIGHT", "new to, ~to, rpush to, lpop from, ~from"],
    ["RPOPLPUSH from to", "~to, lpush to, rpop from, ~from"],
    ["LMOVE from from LEFT RIGHT", "~from, rpush from, lpop from, ~from"],
    ["BLMOVE from to RIGHT LEFT 0", "~to, lpush to, rpop from, del from, ~from"],
    ["LMOVE from to LEFT LEFT", ""],
    ["LMPOP 2 from to RIGHT COUNT 2", "rpop to, ~to"],
    ["BLMPOP 0 2 from to LEFT", "lpop to, del to, ~to"],
    ["RPUSH to a b", "new to, ~to, rpush to"],
    ["BLPOP from to 0", "lpop to, ~to"],
    ["BRPOP from to 0", "rpop to, del to, ~to"],
  ]);
});

test("members of sets come and go", () => {
  follow([
    ["SADD s 1 2", "new s, ~s, sadd s"],
    ["SADD s 2 1", ""],
    ["SADD s 2 x", "~s, sadd s"],
    ["SREM s y", ""],
    ["SREM s x y", "~s, srem s"],
    ["SREM s 1 2 3", "~s, srem s, del s"],
    ["SREM s 1", ""],
    ["SADD s a b c", "new s, ~s, sadd s"],
    ["SMOVE s t none", ""],
    ["SMOVE s s a", ""],
    ["SMOVE s t a", "srem s, ~s, new t, ~t, sadd t"],
    ["SADD t b", "~t, sadd t"],
    ["SMOVE s t b", "srem s, ~s"],
    ["SMOVE s t c", "srem s, del s, ~s, ~t, sadd t"],
    ["SPOP t", "spop t, ~t"],
    ["SPOP t 0", ""],
    ["SPOP t 5", "spop t, del t, ~t"],
    ["SPOP t", ""],
    ["SADD t a b", "new t, ~t, sadd t"],
    ["SPOP t 1", "spop t, ~t"],
    ["SPOP t", "spop t, del t, ~t"],
  ]);
});

test("what a set becomes is told by the command's name", () => {
  follow([
    ["SADD a 1 2 3", "new a, ~a, sadd a"],
    ["SADD b 2 3 4", "new b, ~b, sadd b"],
    ["SINTERSTORE to a b", "new to, ~to, sinterstore to"],
    ["SUNIONSTORE to a b", "~to, sunionstore to"],
    ["SDIFFSTORE to a b", "~to, sdiffstore to"],
    ["SINTERSTORE to a none", "keymiss none, ~to, del to"],
    ["SINTERSTORE to a none", "keymiss none"],
    ["SDIFFSTORE to a a", ""],
    ["SDIFFSTORE a a b", "~a, sdiffstore a"],
  ]);
});

test("scores and members of sorted sets", () => {
  follow([
    ["ZADD z XX 1 a", ""],
    ["ZADD z 1 a 2 b", "new z, ~z, zadd z"],
    ["ZADD z 1 a 2 b", ""],
    ["ZADD z CH 5 a", "~z, zadd z"],
    ["ZADD z GT 4 a", ""],
    ["ZADD z NX 4 a", ""],
    ["ZADD z NX 4 a 5 c", "~z, zadd z"],
    ["ZINCRBY z 1 a", "~z, zincr z"],
    ["ZINCRBY z 0 a", ""],
    ["ZADD z INCR 1 d", "~z, zincr z"],
    ["ZINCRBY z inf i", "~z, zincr z"],
    ["ZINCRBY z -inf i", ""],
    ["ZREM z none", ""],
    ["ZREM z a none", "zrem z, ~z"],
    ["ZREMRANGEBYRANK z 0 0", "~z, zremrangebyrank z"],
    ["ZREMRANGEBYRANK z 9 9", ""],
    ["ZREMRANGEBYSCORE z 2 2", "~z, zremrangebyscore z"],
    ["ZREMRANGEBYLEX z - +", "~z, zremrangebylex z, del z"],
    ["ZADD z 1 a", "new z, ~z, zadd z"],
    ["ZREM z a", "zrem z, del z, ~z"],
  ]);
});

test("pops of sorted sets name the end", () => {
  follow([
    ["ZADD z 1 a 2 b 3 c 4 d 5 e 6 f", "new z, ~z, zadd z"],
    ["ZPOPMIN z", "zpopmin z, ~z"],
    ["ZPOPMAX z 0", ""],
    ["ZPOPMAX z 2", "zpopmax z, ~z"],
    ["ZMPOP 2 none z MIN", "zpopmin z, ~z"],
    ["BZMPOP 0 2 none z MAX", "zpopmax z, ~z"],
    ["BZPOPMIN none z 0", "zpopmin z, del z, ~z"],
    ["ZPOPMIN z", ""],
    ["ZADD z 1 a", "new z, ~z, zadd z"],
    ["BZPOPMAX none z 0", "zpopmax z, del z, ~z"],
  ]);
});

test("what a sorted set becomes is told by the command's name", () => {
  follow([
    ["ZADD a 1 x 2 y", "new a, ~a, zadd a"],
    ["ZADD b 1 y", "new b, ~b, zadd b"],
    ["ZUNIONSTORE to 2 a b", "new to, ~to, zunionstore to"],
    ["ZINTERSTORE to 2 a b", "~to, zinterstore to"],
    ["ZDIFFSTORE to 2 a b", "~to, zdiffstore to"],
    ["ZRANGESTORE to a 0 -1", "~to, zrangestore to"],
    ["ZRANGESTORE to a 5 6", "~to, del to"],
    ["ZRANGESTORE to a 5 6", ""],
    ["ZUNIONSTORE to 1 a", "new to, ~to, zunionstore to"],
    ["ZDIFFSTORE to 2 a a", "~to, del to"],
    ["ZINTERSTORE to 2 a none", "keymiss none"],
  ]);
});

test("places are told as what they are stored as", () => {
  follow([
    ["GEOADD g 13.36 38.11 Palermo 15.08 37.50 Catania", "new g, ~g, zadd g"],
    ["GEOADD g 13.36 38.11 Palermo", ""],
    ["GEOSEARCHSTORE to g FROMLONLAT 15 37 BYRADIUS 200 km", "new to, ~to, geosearchstore to"],
    ["GEORADIUS g 15 37 200 km STORE to", "~to, georadiusstore to"],
    ["GEORADIUSBYMEMBER g Palermo 1 km STOREDIST to", "~to, georadiusstore to"],
    ["GEOSEARCHSTORE to g FROMLONLAT 0 0 BYRADIUS 1 km", "~to, del to"],
    ["GEORADIUS g 0 0 1 km STORE to", ""],
    ["GEORADIUS g 15 37 200 km STORE to", "new to, ~to, georadiusstore to"],
    ["GEORADIUS none 15 37 200 km STORE to", "keymiss none, ~to, del to"],
  ]);
});

test("SORT tells of what it stores", () => {
  follow([
    ["RPUSH l 3 1 2", "new l, ~l, rpush l"],
    ["SORT l STORE to", "new to, ~to, sortstore to"],
    ["SORT l LIMIT 9 9 STORE to", "~to, del to"],
    ["SORT none STORE to", "keymiss none"],
    ["SORT l STORE l", "~l, sortstore l"],
    ["SORT l BY w_*", "keymiss w_1, keymiss w_2, keymiss w_3"],
    ["SET w_1 x", "new w_1, ~w_1, set w_1"],
    // An error, and yet all are looked up.
    ["SORT l BY w_*", "keymiss w_2, keymiss w_3"],
  ]);
});

test("entries of streams come and go, and the key stays", () => {
  follow([
    ["XADD s NOMKSTREAM 1-1 a b", ""],
    ["XADD s 1-1 a b", "new s, ~s, xadd s"],
    ["XADD s 1-1 a b", ""],
    ["XADD s MAXLEN 5 1-2 a b", "~s, xadd s"],
    ["XADD s MAXLEN 2 1-3 a b", "~s, xadd s, xtrim s"],
    ["XTRIM s MAXLEN 5", ""],
    ["XTRIM s MAXLEN 1", "xtrim s, ~s"],
    ["XDEL s 9-9", ""],
    ["XDEL s 1-3", "~s, xdel s"],
    ["XSETID s 5-0", "xsetid s"],
    ["XSETID s 1-0", ""],
    ["XADD t MAXLEN 0 1-1 a b", "new t, ~t, xadd t, xtrim t"],
    ["XREAD STREAMS none 0", "keymiss none, keymiss none"],
    ["XAUTOCLAIM none g c 0 x", "keymiss none"],
  ]);
});

test("groups and consumers come and go without a change of the stream", () => {
  follow([
    ["XGROUP CREATE s g $", ""],
    ["XGROUP CREATE s g $ MKSTREAM", "new s, ~s, xgroup-create s"],
    ["XGROUP CREATE s g $", ""],
    ["XGROUP CREATECONSUMER s g alice", "xgroup-createconsumer s"],
    ["XGROUP CREATECONSUMER s g alice", ""],
    ["XADD s 1-1 a b", "~s, xadd s"],
    ["XREADGROUP GROUP g alice STREAMS s >", ""],
    ["XREADGROUP GROUP g bob STREAMS s 0", "xgroup-createconsumer s"],
    ["XCLAIM s g carol 0 1-1", "xgroup-createconsumer s"],
    ["XAUTOCLAIM s g dave 0 0", "xgroup-createconsumer s"],
    ["XACK s g 1-1", ""],
    ["XGROUP SETID s g 0", "xgroup-setid s"],
    ["XGROUP DELCONSUMER s g bob", "xgroup-delconsumer s"],
    ["XGROUP DELCONSUMER s g bob", ""],
    ["XGROUP DESTROY s g", "xgroup-destroy s"],
    ["XGROUP DESTROY s g", ""],
  ]);
});

test("XDELEX and XACKDEL tell of entries that they deleted", () => {
  follow([
    ["XADD s 1-1 a b", "new s, ~s, xadd s"],
    ["XADD s 1-2 a b", "~s, xadd s"],
    ["XADD s 1-3 a b", "~s, xadd s"],
    ["XGROUP CREATE s g 0", "xgroup-create s"],
    ["XREADGROUP GROUP g alice STREAMS s >", "xgroup-createconsumer s"],
    ["XDELEX s ACKED IDS 1 1-1", ""],
    ["XDELEX s KEEPREF IDS 2 1-1 9-9", "~s, xdel s"],
    ["XDELEX s DELREF IDS 1 1-1", ""],
    ["XACKDEL s g IDS 1 1-2", "~s, xdel s"],
    ["XACKDEL s g IDS 1 1-2", ""],
    ["XGROUP CREATE s other 0", "xgroup-create s"],
    // Acknowledged here, but another group has not read it yet.
    ["XACKDEL s g ACKED IDS 1 1-3", ""],
  ]);
});

test("a command that runs out of memory may have changed its keys", () => {
  const fixture = createFixture({ families: [LIST_COMMANDS], capacityBytes: 2 * 1024 * 1024 });
  const take = recordEvents(fixture.engine);
  fixture.line("RPUSH l a");
  take();
  const reply = fixture.run("RPUSH", "l", ...Array<string>(400).fill("x".repeat(100_000)));
  assert.match(reply, /^-OOM/);
  assert.deepEqual(take(), ["~l"]);
  assert.notEqual(fixture.line("LLEN l"), ":1\r\n");
});
