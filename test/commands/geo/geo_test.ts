import assert from "node:assert/strict";
import { test } from "node:test";
import { type Conversation, converse, WRONG } from "../sorted_set/conversation.ts";

const SYNTAX = "-ERR syntax error\r\n";
const UNIT = "-ERR unsupported unit provided. please use M, KM, FT, MI\r\n";

function sicily(): Conversation {
  const talk = converse();
  talk.says(
    "GEOADD s 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 13.583333 37.316667 Agrigento",
    ":3\r\n",
  );
  return talk;
}

test("GEOADD adds places as scores, on a condition if there is one", () => {
  const { says } = sicily();
  says("ZSCORE s Palermo", ",3479099956230698\r\n");
  says("GEOADD s NX 1 1 Palermo 2 2 new", ":1\r\n");
  says("GEOADD s XX CH 1 1 Palermo 2 2 newer", ":1\r\n");
  says("GEOADD s CH 1 1 Palermo 3 3 new", ":1\r\n");
  says("ZCARD s", ":4\r\n");
  says("GEOADD s NX XX 1 1 a", SYNTAX);
  says("GEOADD s 1 1", "-ERR wrong number of arguments for 'geoadd' command\r\n");
  says("GEOADD s 1 1 a 2", SYNTAX);
  says("GEOADD s NX XX CH", SYNTAX);
  says("GEOADD s x 1 a", "-ERR value is not a valid float\r\n");
  says("GEOADD s 181 1 a", "-ERR invalid longitude,latitude pair 181.000000,1.000000\r\n");
  says("GEOADD s 1 -85.06 a", "-ERR invalid longitude,latitude pair 1.000000,-85.060000\r\n");
  says("GEOADD s 1 1 a inf 1 b", "-ERR invalid longitude,latitude pair inf,1.000000\r\n");
  says("ZCARD s", ":4\r\n");
  says("SET t x", "+OK\r\n");
  says("GEOADD t 1 1 a", WRONG);
});

test("GEOPOS, GEODIST and GEOHASH tell of single places", () => {
  const { says, run2 } = sicily();
  says(
    "GEOPOS s Palermo nosuch",
    "*2\r\n*2\r\n,13.36138933897018433\r\n,38.11555639549629859\r\n_\r\n",
  );
  assert.equal(
    run2("GEOPOS", "s", "Palermo", "nosuch"),
    "*2\r\n*2\r\n$20\r\n13.36138933897018433\r\n$20\r\n38.11555639549629859\r\n*-1\r\n",
  );
  says("GEOPOS s", "*0\r\n");
  says("GEODIST s Palermo Catania", "$11\r\n166274.1516\r\n");
  says("GEODIST s Palermo Catania km", "$8\r\n166.2742\r\n");
  says("GEODIST s Palermo Catania FT", "$11\r\n545518.8700\r\n");
  says("GEODIST s Palermo Catania mi", "$8\r\n103.3182\r\n");
  says("GEODIST s Palermo Palermo", "$6\r\n0.0000\r\n");
  says("GEODIST s Palermo nosuch", "_\r\n");
  says("GEODIST s Palermo Catania parsec", UNIT);
  says("GEODIST s Palermo Catania m m", SYNTAX);
  says(
    "GEOHASH s Palermo nosuch Catania",
    "*3\r\n$11\r\nsqc8b49rny0\r\n_\r\n$11\r\nsqdtr74hyu0\r\n",
  );
  says("GEOHASH nosuch a", "*1\r\n_\r\n");
  says("SET t x", "+OK\r\n");
  for (const line of ["GEOPOS t a", "GEODIST t a b", "GEOHASH t a"]) says(line, WRONG);
});

test("GEOSEARCH finds what is in a circle or a box", () => {
  const { words, says } = sicily();
  assert.equal(
    words("GEOSEARCH s FROMLONLAT 15 37 BYRADIUS 200 km ASC"),
    "Catania Agrigento Palermo",
  );
  assert.equal(words("GEOSEARCH s FROMLONLAT 15 37 BYRADIUS 100 km"), "Catania");
  assert.equal(words("GEOSEARCH s FROMLONLAT 15 37 BYBOX 400 400 km DESC COUNT 1"), "Palermo");
  assert.equal(words("GEOSEARCH s FROMMEMBER Agrigento BYBOX 100 1 km"), "Agrigento");
  assert.equal(words("GEOSEARCH s FROMMEMBER Agrigento BYRADIUS 0 m"), "Agrigento");
  assert.equal(
    words("GEOSEARCH s FROMLONLAT 15 37 BYRADIUS 200 km COUNT 2 ANY").split(" ").length,
    2,
  );
  says(
    "GEOSEARCH s FROMLONLAT 15 37 BYRADIUS 100 km WITHCOORD WITHDIST WITHHASH",
    "*1\r\n*4\r\n$7\r\nCatania\r\n$7\r\n56.4413\r\n:3479447370796909\r\n" +
      "*2\r\n,15.08726745843887329\r\n,37.50266842333162032\r\n",
  );
  says("GEOSEARCH nosuch FROMMEMBER x BYRADIUS 1 m", "*0\r\n");
});

test("GEOSEARCH refuses what does not go together", () => {
  const { says } = sicily();
  const from = "-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCH\r\n";
  const by = "-ERR exactly one of BYRADIUS and BYBOX can be specified for GEOSEARCH\r\n";
  says("GEOSEARCH s BYRADIUS 1 m ASC WITHDIST", from);
  says("GEOSEARCH s FROMLONLAT 1 1 ASC WITHDIST", by);
  says("GEOSEARCH s FROMLONLAT 1 1 FROMMEMBER a BYRADIUS 1 m", SYNTAX);
  says("GEOSEARCH s FROMLONLAT 1 1 BYRADIUS 1 m BYBOX 1 1 m", SYNTAX);
  says(
    "GEOSEARCH s FROMLONLAT 1 1 BYRADIUS 1 m ANY",
    "-ERR the ANY argument requires COUNT argument\r\n",
  );
  says("GEOSEARCH s FROMLONLAT 1 1 BYRADIUS 1 m COUNT 0", "-ERR COUNT must be > 0\r\n");
  says("GEOSEARCH s FROMLONLAT 1 1 BYRADIUS -1 m", "-ERR radius cannot be negative\r\n");
  says("GEOSEARCH s FROMLONLAT 1 1 BYRADIUS x m", "-ERR need numeric radius\r\n");
  says("GEOSEARCH s FROMLONLAT 1 1 BYBOX x 1 m", "-ERR need numeric width\r\n");
  says("GEOSEARCH s FROMLONLAT 1 1 BYBOX 1 x m", "-ERR need numeric height\r\n");
  says("GEOSEARCH s FROMLONLAT 1 1 BYBOX 1 -1 m", "-ERR height or width cannot be negative\r\n");
  says("GEOSEARCH s FROMLONLAT 1 1 BYRADIUS 1 x", UNIT);
  says(
    "GEOSEARCH s FROMMEMBER nosuch BYRADIUS 1 m",
    "-ERR could not decode requested zset member\r\n",
  );
  says("GEOSEARCH s FROMLONLAT 1 1 BYRADIUS 1 m STOREDIST", SYNTAX);
  const not = "is not compatible with WITHDIST, WITHHASH and WITHCOORD options\r\n";
  says("GEOSEARCHSTORE d s FROMLONLAT 1 1 BYRADIUS 1 m WITHDIST", `-ERR GEOSEARCHSTORE ${not}`);
  says("GEORADIUS s 1 1 1 m WITHDIST STORE d", `-ERR STORE option in GEORADIUS ${not}`);
  says("GEORADIUS_RO s 1 1 1 m STORE d", SYNTAX);
});

test("results are stored as places, or as distances", () => {
  const { says, words, line, engine } = sicily();
  says("GEOSEARCHSTORE d s FROMLONLAT 15 37 BYRADIUS 200 km COUNT 2", ":2\r\n");
  assert.equal(words("GEOPOS d Palermo"), "nil");
  says("ZSCORE d Catania", ",3479447370796909\r\n");
  says("GEOSEARCHSTORE d s FROMLONLAT 15 37 BYRADIUS 200 km STOREDIST", ":3\r\n");
  assert.equal(words("ZRANGE d 0 -1"), "Catania Agrigento Palermo");
  assert.ok(line("ZSCORE d Catania").startsWith(",56.4412578"));
  says("GEORADIUS s 15 37 100 km STORE d", ":1\r\n");
  says("GEORADIUSBYMEMBER s Palermo 1 km STOREDIST d", ":1\r\n");
  says("ZSCORE d Palermo", ",0\r\n");
  says("GEORADIUS s 0 0 1 m STORE d", ":0\r\n");
  says("EXISTS d", ":0\r\n");
  line("SET d x");
  says("GEOSEARCHSTORE d nosuch FROMLONLAT 1 1 BYRADIUS 1 m", ":0\r\n");
  says("EXISTS d", ":0\r\n");
  engine.keyspace.checkInvariants();
});

test("GEORADIUS and GEORADIUSBYMEMBER search circles", () => {
  const { words, says } = sicily();
  assert.equal(words("GEORADIUS s 15 37 200 km WITHDIST ASC COUNT 1"), "Catania 56.4413");
  assert.equal(words("GEORADIUS_RO s 15 37 200 km DESC"), "Palermo Agrigento Catania");
  assert.equal(words("GEORADIUSBYMEMBER s Agrigento 100 km ASC"), "Agrigento Palermo");
  assert.equal(words("GEORADIUSBYMEMBER_RO s Agrigento 62.5 mi ASC"), "Agrigento Palermo");
  says("GEORADIUSBYMEMBER s nosuch 1 m", "-ERR could not decode requested zset member\r\n");
  says("GEORADIUSBYMEMBER nosuch a x parsec", "*0\r\n");
  says("GEORADIUS nosuch 1 1 x m", "-ERR need numeric radius\r\n");
});
