import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../../../src/bytes/prng.ts";
import { forSeeds, pick } from "../../support/model.ts";
import { ask, hashFixture } from "./support.ts";

const NOW_MS = 1_700_000_000_000;
const NOW_S = NOW_MS / 1000;
const LATEST_MS = 2 ** 46 - 1;

test("HEXPIRE and its relatives set when fields go, HTTL and its relatives tell it", () => {
  const f = hashFixture();
  f.line("HSET h a 1 b 2 c 3 d 4 e 5");
  assert.equal(ask(f, "HEXPIRE h 100 FIELDS 2 a x"), "#2 1 -2");
  assert.equal(ask(f, "HPEXPIRE h 1500 FIELDS 1 b"), "#1 1");
  assert.equal(ask(f, `HEXPIREAT h ${NOW_S + 50} FIELDS 1 c`), "#1 1");
  assert.equal(ask(f, `HPEXPIREAT h ${NOW_MS + 7001} FIELDS 1 d`), "#1 1");
  assert.equal(ask(f, "HTTL h FIELDS 6 a b c d e x"), "#6 100 2 50 8 -1 -2");
  assert.equal(ask(f, "HPTTL h FIELDS 5 a b c d e"), "#5 100000 1500 50000 7001 -1");
  assert.equal(
    ask(f, "HEXPIRETIME h FIELDS 4 a b c d"),
    `#4 ${NOW_S + 100} ${NOW_S + 2} ${NOW_S + 50} ${NOW_S + 8}`,
  );
  assert.equal(
    ask(f, "HPEXPIRETIME h FIELDS 2 b d"),
    `#2 ${NOW_MS + 1500} ${NOW_MS + 7001}`,
  );
  assert.equal(ask(f, "HTTL nosuch FIELDS 2 a b"), "#2 -2 -2");
  assert.equal(ask(f, "HEXPIRE nosuch 1 FIELDS 2 a b"), "#2 -2 -2");
  assert.equal(ask(f, "OBJECT ENCODING h"), "listpackex");
  f.engine.keyspace.checkInvariants();
  assert.equal(ask(f, "HPERSIST h FIELDS 3 a e x"), "#3 1 -1 -2");
  assert.equal(ask(f, "HPERSIST nosuch FIELDS 1 a"), "#1 -2");
  assert.equal(ask(f, "HTTL h FIELDS 1 a"), "#1 -1");
  f.engine.keyspace.checkInvariants();
});

test("a moment that is past deletes the field at once, and the key with its last one", () => {
  const f = hashFixture();
  f.line("HSET h a 1 b 2 c 3");
  assert.equal(ask(f, "HEXPIRE h 0 FIELDS 1 a"), "#1 2");
  assert.equal(ask(f, `HPEXPIREAT h ${NOW_MS} FIELDS 2 a b`), "#2 -2 2");
  assert.equal(ask(f, "HKEYS h"), "#1 c");
  assert.equal(ask(f, "HEXPIREAT h 0 FIELDS 2 c c"), "#2 2 -2");
  assert.equal(ask(f, "EXISTS h"), "0");
  f.engine.keyspace.checkInvariants();
});

test("NX, XX, GT and LT decide field by field", () => {
  const f = hashFixture();
  f.line("HSET h a 1 b 2");
  f.line("HEXPIRE h 100 FIELDS 1 a");
  assert.equal(ask(f, "HEXPIRE h 200 NX FIELDS 2 a b"), "#2 0 1");
  f.line("HPERSIST h FIELDS 1 b");
  assert.equal(ask(f, "HEXPIRE h 150 XX FIELDS 2 a b"), "#2 1 0");
  assert.equal(ask(f, "HEXPIRE h 150 GT FIELDS 2 a b"), "#2 0 0");
  assert.equal(ask(f, "HEXPIRE h 151 gt FIELDS 1 a"), "#1 1");
  assert.equal(ask(f, "HEXPIRE h 151 LT FIELDS 2 a b"), "#2 0 1");
  assert.equal(ask(f, "HEXPIRE h 10 lt FIELDS 2 a b"), "#2 1 1");
  assert.equal(ask(f, "HEXPIRE h 0 NX FIELDS 1 a"), "#1 0");
  assert.equal(ask(f, "HEXPIRE h 0 XX FIELDS 1 a"), "#1 2");
});

test("the field expiry commands refuse wrong arguments in Redis's words", () => {
  const f = hashFixture();
  f.line("HSET h a 1");
  const missing = "-ERR Mandatory argument FIELDS is missing or not at the right position";
  const miscounted = "-ERR The `numfields` parameter must match the number of arguments";
  const notACount = "-ERR Parameter `numFields` should be greater than 0";
  const notPositive = "-ERR Number of fields must be a positive integer";
  const invalid = (name: string): string => `-ERR invalid expire time in '${name}' command`;
  assert.equal(ask(f, "HEXPIRE h x FIELDS 1 a"), "-ERR value is not an integer or out of range");
  assert.equal(ask(f, "HEXPIRE h -1 FIELDS 1 a"), "-ERR invalid expire time, must be >= 0");
  assert.equal(ask(f, "HEXPIRE h 9999999999999 FIELDS 1 a"), invalid("hexpire"));
  assert.equal(ask(f, "HEXPIRE h 9223372036854775807 FIELDS 1 a"), invalid("hexpire"));
  assert.equal(ask(f, `HPEXPIRE h ${LATEST_MS - NOW_MS + 1} FIELDS 1 a`), invalid("hpexpire"));
  assert.equal(ask(f, `HPEXPIRE h ${LATEST_MS - NOW_MS} FIELDS 1 a`), "#1 1");
  assert.equal(ask(f, `HPEXPIREAT h ${LATEST_MS + 1} FIELDS 1 a`), invalid("hpexpireat"));
  assert.equal(ask(f, `HPEXPIREAT h ${LATEST_MS} FIELDS 1 a`), "#1 1");
  assert.equal(ask(f, "HEXPIRE h 1 FIELD 1 a"), missing);
  assert.equal(ask(f, "HEXPIRE h 1 NX NX FIELDS 1 a"), missing);
  assert.equal(ask(f, "HEXPIRE h 1 FIELDS 0 a"), notACount);
  assert.equal(ask(f, "HEXPIRE h 1 FIELDS x a"), notACount);
  assert.equal(ask(f, "HEXPIRE h 1 FIELDS 2 a"), miscounted);
  assert.equal(ask(f, "HEXPIRE h 1 NX FIELDS 1 a b"), miscounted);
  assert.equal(
    ask(f, "HEXPIRE h 1 FIELDS 1"),
    "-ERR wrong number of arguments for 'hexpire' command",
  );
  for (const name of ["HTTL", "HPTTL", "HEXPIRETIME", "HPEXPIRETIME", "HPERSIST", "HGETDEL"]) {
    assert.equal(ask(f, `${name} h FIELD 1 a`), missing, name);
    assert.equal(ask(f, `${name} h FIELDS 0 a`), notPositive, name);
    assert.equal(ask(f, `${name} h FIELDS x a`), notPositive, name);
    assert.equal(ask(f, `${name} h FIELDS 2 a`), miscounted, name);
  }
  assert.equal(ask(f, "HGETEX h FIELD 1 a"), missing);
  assert.equal(ask(f, "HGETEX h EX 10 PERSIST FIELDS 1 a"), missing);
  assert.equal(ask(f, "HGETEX h FIELDS 0 a"), notPositive);
  assert.equal(ask(f, "HGETEX h EX 10 FIELDS 2 a"), miscounted);
  assert.equal(ask(f, "HGETEX h EX -1 FIELDS 1 a"), "-ERR invalid expire time, must be >= 0");
  assert.equal(
    ask(f, "HGETEX h EX x FIELDS 1 a"),
    "-ERR value is not an integer or out of range",
  );
});

test("HGETEX reads fields and changes when they expire", () => {
  const f = hashFixture();
  f.line("HSET h a 1 b 2 c 3");
  assert.equal(ask(f, "HGETEX h FIELDS 2 a x"), "#2 1 nil");
  assert.equal(ask(f, "OBJECT ENCODING h"), "listpack");
  assert.equal(ask(f, "HGETEX h PERSIST FIELDS 1 a"), "#1 1");
  assert.equal(ask(f, "HGETEX h EX 10 FIELDS 2 a x"), "#2 1 nil");
  assert.equal(ask(f, "HGETEX h px 2500 FIELDS 1 b"), "#1 2");
  assert.equal(ask(f, "HTTL h FIELDS 3 a b c"), "#3 10 3 -1");
  assert.equal(ask(f, "HGETEX h PERSIST FIELDS 2 a c"), "#2 1 3");
  assert.equal(ask(f, `HGETEX h EXAT ${NOW_S + 5} FIELDS 1 c`), "#1 3");
  assert.equal(ask(f, `HGETEX h PXAT ${NOW_MS + 4000} FIELDS 1 b`), "#1 2");
  assert.equal(ask(f, "HTTL h FIELDS 3 a b c"), "#3 -1 4 5");
  assert.equal(ask(f, "HGETEX h EX 0 FIELDS 3 a a b"), "#3 1 nil 2");
  assert.equal(ask(f, "HGETALL h"), "#1 c 3");
  assert.equal(ask(f, "HGETEX h PXAT 1 FIELDS 1 c"), "#1 3");
  assert.equal(ask(f, "EXISTS h"), "0");
  assert.equal(ask(f, "HGETEX nosuch EX 1 FIELDS 2 a b"), "#2 nil nil");
  f.engine.keyspace.checkInvariants();
});

test("HGETDEL reads fields and removes them, and the key with its last one", () => {
  const f = hashFixture();
  f.line("HSET h a 1 b 2 c 3");
  f.line("HEXPIRE h 10 FIELDS 1 b");
  assert.equal(ask(f, "HGETDEL h FIELDS 3 a x a"), "#3 1 nil nil");
  assert.equal(ask(f, "HGETDEL h FIELDS 3 b c d"), "#3 2 3 nil");
  assert.equal(ask(f, "EXISTS h"), "0");
  assert.equal(ask(f, "HGETDEL h FIELDS 1 a"), "#1 nil");
  f.engine.keyspace.checkInvariants();
});

test("HSETEX sets fields together with when they expire", () => {
  const f = hashFixture();
  assert.equal(ask(f, "HSETEX h FXX FIELDS 1 a 1"), "0");
  assert.equal(ask(f, "EXISTS h"), "0");
  assert.equal(ask(f, "HSETEX h EX 10 FIELDS 2 a 1 b 2"), "1");
  assert.equal(ask(f, "HTTL h FIELDS 2 a b"), "#2 10 10");
  assert.equal(ask(f, "HSETEX h FNX FIELDS 2 x 1 b 2"), "0");
  assert.equal(ask(f, "HSETEX h FXX FIELDS 2 a 5 x 6"), "0");
  assert.equal(ask(f, "HSETEX h FXX KEEPTTL FIELDS 2 a 5 b 6"), "1");
  assert.equal(ask(f, "HTTL h FIELDS 2 a b"), "#2 10 10");
  assert.equal(ask(f, "HSETEX h fields 1 a 7"), "1");
  assert.equal(ask(f, "HTTL h FIELDS 2 a b"), "#2 -1 10");
  assert.equal(ask(f, `HSETEX h FNX PXAT ${NOW_MS + 1} FIELDS 1 c 8`), "1");
  assert.equal(ask(f, "HMGET h a b c"), "#3 7 6 8");
  assert.equal(ask(f, "HPTTL h FIELDS 1 c"), "#1 1");
  assert.equal(ask(f, "HSETEX h EXAT 1 FIELDS 2 c 1 c 2"), "1");
  assert.equal(ask(f, "HEXISTS h c"), "0");
  assert.equal(ask(f, "HSETEX gone PX 0 FIELDS 1 a 1"), "1");
  assert.equal(ask(f, "EXISTS gone"), "0");
  f.engine.keyspace.checkInvariants();
});

test("HSETEX refuses wrong arguments in Redis's words", () => {
  const f = hashFixture();
  const arity = "-ERR wrong number of arguments for 'hsetex' command";
  const twoTimes = "-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified";
  const twoConditions = "-ERR Only one of FXX or FNX arguments can be specified";
  assert.equal(ask(f, "HSETEX h FIELDS 1 a"), arity);
  assert.equal(ask(f, "HSETEX h FIELDS 2 a 1 b"), arity);
  assert.equal(ask(f, "HSETEX h FIELDS 1 a 1 b 2"), arity);
  assert.equal(ask(f, "HSETEX h FIELDS 0 a 1"), "-ERR invalid number of fields");
  assert.equal(ask(f, "HSETEX h FIELDS x a 1"), "-ERR invalid number of fields");
  assert.equal(ask(f, "HSETEX h FIELDS 2147483648 a 1"), "-ERR invalid number of fields");
  assert.equal(ask(f, "HSETEX h EX 1 PX 1 FIELDS 1 a 1"), twoTimes);
  assert.equal(ask(f, "HSETEX h KEEPTTL EXAT 1 FIELDS 1 a 1"), twoTimes);
  assert.equal(ask(f, "HSETEX h FXX FNX FIELDS 1 a 1"), twoConditions);
  assert.equal(ask(f, "HSETEX h NOSUCH FIELDS 1 a 1"), "-ERR unknown argument: NOSUCH");
  assert.equal(ask(f, "HSETEX h EX -1 FIELDS 1 a 1"), "-ERR invalid expire time, must be >= 0");
  assert.equal(ask(f, "HSETEX h FNX KEEPTTL FXX EX"), twoConditions);
  assert.equal(ask(f, "HSETEX h FNX FNX FXX EX"), twoConditions);
  assert.equal(ask(f, "HSETEX h FNX x x EX"), "-ERR unknown argument: x");
  assert.equal(ask(f, "EXISTS h"), "0");
});

test("HSET ends the expiry of a field, HINCRBY and HINCRBYFLOAT keep it", () => {
  const f = hashFixture();
  f.line("HSET h a 1 b 2 c 3");
  f.line("HEXPIRE h 10 FIELDS 3 a b c");
  f.line("HSET h a 5");
  f.line("HINCRBY h b 1");
  f.line("HINCRBYFLOAT h c 0.5");
  assert.equal(ask(f, "HTTL h FIELDS 3 a b c"), "#3 -1 10 10");
  assert.equal(ask(f, "HVALS h").split(" ").slice(1).sort().join(" "), "3 3.5 5");
});

test("a field whose time has come is there for nobody", () => {
  const f = hashFixture();
  f.line("HSET h a 1 b 2 c 3");
  f.line("HPEXPIRE h 100 FIELDS 2 a b");
  f.clock.advance(99);
  assert.equal(ask(f, "HLEN h"), "3");
  f.clock.advance(1);
  assert.equal(ask(f, "HLEN h"), "1");
  assert.equal(ask(f, "HGET h a"), "nil");
  assert.equal(ask(f, "HGETALL h"), "#1 c 3");
  assert.equal(ask(f, "HSETNX h a 9"), "1");
  assert.equal(ask(f, "HTTL h FIELDS 2 a b"), "#2 -1 -2");
  f.line("HPEXPIRE h 5 FIELDS 2 a c");
  f.clock.advance(5);
  assert.equal(ask(f, "HINCRBY h a 1"), "1");
  assert.equal(ask(f, "HKEYS h"), "#1 a");
  f.line("HPEXPIRE h 5 FIELDS 1 a");
  f.clock.advance(5);
  assert.equal(ask(f, "HGET h a"), "nil");
  assert.equal(ask(f, "EXISTS h"), "0");
  f.engine.keyspace.checkInvariants();
});

test("thousands of fields that expire together are gone for everybody at once", () => {
  const f = hashFixture();
  const random = createRandom([1, 2, 3, 4]);
  for (let i = 0; i < 3000; i++) f.line(`HSET h f${i} v${i}`);
  for (let i = 0; i < 2900; i++) f.line(`HPEXPIRE h ${100 + random.below(3)} FIELDS 1 f${i}`);
  f.clock.advance(200);
  assert.equal(ask(f, "HLEN h"), "100");
  assert.equal(ask(f, "HGET h f5"), "nil");
  assert.equal(ask(f, "HGET h f2950"), "v2950");
  assert.equal(ask(f, "HKEYS h").split(" ").length, 101);
  assert.match(ask(f, "HRANDFIELD h"), /^f29\d\d$/);
  assert.equal(ask(f, "HRANDFIELD h 500").split(" ").length, 101);
  assert.equal(ask(f, "HRANDFIELD h 20").split(" ").length, 21);
  assert.equal(ask(f, "HSCAN h 0 COUNT 100000 NOVALUES").split(" ").length, 103);
  assert.equal(ask(f, "HSET h f2899 again"), "1");
  assert.equal(ask(f, "HLEN h"), "101");
  while (f.engine.runSlice()) { /* Expired fields are removed in the background. */ }
  assert.equal(f.engine.keyspace.outside.expiringHashes.count, 0);
  assert.equal(ask(f, "HLEN h"), "101");
  f.engine.keyspace.checkInvariants();
});

test("the background removes expired fields, and keys with nothing left, whatever became of them", () => {
  const f = hashFixture();
  const { keyspace } = f.engine;
  const hashes = keyspace.outside.expiringHashes;
  for (let i = 0; i < 40; i++) f.line(`HSET h${i} a 1 b 2`);
  for (let i = 0; i < 40; i++) {
    f.line(`HPEXPIRE h${i} ${100 + i} FIELDS ${1 + i % 2} a ${i % 2 ? "b" : ""}`.trim());
  }
  assert.equal(hashes.count, 40);
  f.line("RENAME h1 renamed");
  f.line("RENAME h3 h5");
  f.line("COPY h7 copied");
  f.line("COPY h9 copied9 DB 1");
  f.line("MOVE h11 2");
  f.line("DEL h13");
  f.line("SET h15 string");
  assert.equal(hashes.count, 39);
  keyspace.checkInvariants();
  f.clock.advance(1000);
  while (f.engine.runSlice()) { /* Until nothing is due. */ }
  assert.equal(hashes.count, 0);
  keyspace.checkInvariants();
  assert.equal(ask(f, "EXISTS renamed h5 copied h7 h9 h11 h17"), "0");
  assert.equal(ask(f, "EXISTS h0 h2 h15"), "3");
  // Of the even ones b is left.
  assert.equal(ask(f, "DBSIZE"), "21");
  assert.equal(keyspace.databases[1].size + keyspace.databases[2].size, 0);
  assert.equal(ask(f, "HGETALL h0"), "#1 b 2");
});

test("flushed hashes are watched no more", () => {
  const f = hashFixture();
  const { keyspace } = f.engine;
  f.line("SET other 1");
  f.line("MOVE other 1");
  for (let i = 0; i < 300; i++) f.line(`HSETEX h${i} EX 100 FIELDS 1 a 1`);
  f.line("FLUSHDB");
  keyspace.checkInvariants();
  f.clock.advance(200_000);
  while (f.engine.runSlice()) { /* Frees what was flushed. */ }
  keyspace.checkInvariants();
  assert.equal(keyspace.outside.expiringHashes.count, 0);
  for (let i = 0; i < 300; i++) f.line(`HSETEX h${i} EX 100 FIELDS 1 a 1`);
  f.line("FLUSHALL");
  assert.equal(keyspace.outside.expiringHashes.count, 0);
  keyspace.checkInvariants();
  f.line("HSETEX h EX 100 FIELDS 1 a 1");
  assert.equal(keyspace.outside.expiringHashes.count, 1);
  keyspace.checkInvariants();
});

test("a small hash with expiring fields says listpackex until it becomes large", () => {
  const f = hashFixture({ hashMaxListpackEntries: 3, hashMaxListpackValue: 5 });
  const encoding = (key: string): string => ask(f, `OBJECT ENCODING ${key}`);
  f.line("HSET h a 1 b 2 c 3");
  f.line("HEXPIRE h 10 FIELDS 1 nosuch");
  assert.equal(encoding("h"), "listpackex");
  f.line("HSET h c 4");
  assert.equal(encoding("h"), "listpackex");
  f.line("HSET h d 4");
  assert.equal(encoding("h"), "hashtable");
  f.line("HSETEX v EX 5 FIELDS 1 a 1");
  assert.equal(encoding("v"), "listpackex");
  f.line("HPERSIST v FIELDS 1 a");
  assert.equal(encoding("v"), "listpackex");
  f.line("COPY v w");
  assert.equal(encoding("w"), "listpackex");
  f.line("HSET v a 123456");
  assert.equal(encoding("v"), "hashtable");
});

test("random field expiries do what a model does", () => {
  forSeeds(6, (random) => {
    const f = hashFixture({ hashMaxListpackEntries: random.below(2) === 0 ? 4 : 100 });
    const model = new Map<string, Map<string, { value: string; at: number }>>();
    const keys = ["h1", "h2", "h3"], fields = ["a", "b", "c", "d", "e", "f", "g"];
    let now = NOW_MS;
    const alive = (key: string): Map<string, { value: string; at: number }> => {
      const hash = model.get(key) ?? new Map();
      for (const [field, { at }] of hash) if (at !== 0 && at <= now) hash.delete(field);
      model.set(key, hash);
      return hash;
    };
    for (let step = 0; step < 1500; step++) {
      const key = pick(random, keys), field = pick(random, fields);
      const hash = alive(key);
      const at = now + random.below(60);
      switch (random.below(8)) {
        case 0:
        case 1:
          f.line(`HSET ${key} ${field} ${step}`);
          hash.set(field, { value: String(step), at: 0 });
          break;
        case 2: {
          const had = hash.get(field);
          const reply = ask(f, `HPEXPIREAT ${key} ${at} FIELDS 1 ${field}`);
          assert.equal(reply, had === undefined ? "#1 -2" : at <= now ? "#1 2" : "#1 1");
          if (had !== undefined) had.at = at;
          break;
        }
        case 3:
          f.line(`HSETEX ${key} PXAT ${at} FIELDS 1 ${field} ${step}`);
          hash.set(field, { value: String(step), at });
          break;
        case 4:
          assert.equal(ask(f, `HDEL ${key} ${field}`), hash.delete(field) ? "1" : "0");
          break;
        case 5: {
          const other = pick(random, keys);
          if (hash.size === 0) break;
          f.line(`${random.below(2) === 0 ? "RENAME" : "COPY"} ${key} ${other} REPLACE`.replace(
            /(RENAME.*) REPLACE/,
            "$1",
          ));
          if (ask(f, `EXISTS ${key}`) === "0") model.delete(key);
          if (other !== key) {
            model.set(other, new Map([...hash].map(([name, each]) => [name, { ...each }])));
          }
          break;
        }
        case 6: {
          const step = random.below(10);
          now += step;
          f.clock.advance(step);
          if (random.below(3) === 0) f.engine.runSlice();
          break;
        }
        default: {
          const had = hash.get(field);
          assert.equal(ask(f, `HGET ${key} ${field}`), had?.value ?? "nil");
        }
      }
      assert.equal(ask(f, `HLEN ${key}`), String(alive(key).size));
      if (step % 100 === 0) f.engine.keyspace.checkInvariants();
    }
  });
});
