/** That slow requests are put down to the right causes: on timelines that are made up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Cause,
  CAUSES,
  explain,
  type Stretch,
  summarize,
} from "../../bench/load/outlier_causes.ts";
import { readTrace } from "../../bench/load/outlier_trace.ts";
import type { SlowRequest } from "../../bench/load/result.ts";

function request(startUs: number, endUs: number, connection = 0): SlowRequest {
  return { startUs, endUs, connection, test: "get", requests: 1 };
}

function stretch(cause: Cause, startUs: number, endUs: number, detail = ""): Stretch {
  return { cause, startUs, endUs, detail };
}

/** The cause of one request from 1,000 to 5,000. */
function causeOf(...stretches: Stretch[]): string {
  const [{ cause, share, detail }] = explain([request(1000, 5000)], stretches);
  return [cause, `${Math.round(share * 100)} %`, detail].filter((word) => word !== "").join(", ");
}

test("each cause that can be seen is found when it fills the request", () => {
  for (const cause of CAUSES.filter((each) => !each.startsWith("unseen"))) {
    assert.equal(causeOf(stretch(cause, 900, 5100, "x")), `${cause}, 100 %, x`);
  }
});

test("a cause has to cover a quarter of the request", () => {
  assert.equal(causeOf(stretch("server: expiry", 0, 2000)), "server: expiry, 25 %");
  assert.equal(causeOf(stretch("server: expiry", 0, 1999)), "unseen, lone, 0 %");
  assert.equal(causeOf(stretch("server: expiry", 5000, 9000)), "unseen, lone, 0 %");
  assert.equal(causeOf(stretch("server: expiry", 0, 1000)), "unseen, lone, 0 %");
  assert.equal(causeOf(), "unseen, lone, 0 %");
});

test("stretches of the same cause add up, and overlapping ones count once", () => {
  const one = stretch("server: index step", 1000, 1600, "a");
  assert.equal(
    causeOf(one, stretch("server: index step", 4400, 5000)),
    "server: index step, 30 %, a",
  );
  assert.equal(causeOf(one, one, one), "unseen, lone, 0 %");
});

test("what is inside of a stall or a batch takes its time from it", () => {
  const stall = stretch("server: event loop stalled", 1000, 5000, "loop-stall");
  const expiry = stretch("server: expiry", 1500, 4000, "expire-cycle");
  assert.equal(causeOf(stall, expiry), "server: expiry, 63 %, expire-cycle");
  assert.equal(
    causeOf(stall, stretch("server: expiry", 1500, 2400)),
    "server: event loop stalled, 78 %, loop-stall",
  );
});

test("the generator's own stalls are told apart from the server's", () => {
  const server = stretch("server: event loop stalled", 1000, 2500);
  const generator = stretch("generator: event loop stalled", 2500, 5000);
  assert.equal(causeOf(server, generator), "generator: event loop stalled, 63 %");
  assert.equal(
    causeOf(
      stretch("server: garbage collection", 0, 9000),
      stretch("generator: not scheduled", 0, 9000),
    ),
    "generator: not scheduled, 100 %",
  );
});

test("of causes that cover as much, the one that stands first is taken", () => {
  const first = stretch("server: eviction", 1000, 3000),
    second = stretch("server: freeing", 3000, 5000);
  assert.equal(causeOf(first, second), "server: eviction, 50 %");
  assert.equal(causeOf(second, first), "server: eviction, 50 %");
});

test("requests without a cause are lone ones or slow together", () => {
  const requests = [
    request(0, 2000),
    request(1000, 3000),
    request(1500, 2500),
    request(9000, 9900),
  ];
  assert.deepEqual(explain(requests, []).map(({ cause }) => cause), [
    ...new Array(3).fill("unseen, several together"),
    "unseen, lone",
  ]);
});

test("many requests and stretches are matched as one by one", () => {
  let state = 1;
  const draw = (limit: number): number => {
    state = Math.imul(state, 1103515245) + 12345 >>> 0;
    return (state >>> 8) % limit;
  };
  const stretches = Array.from({ length: 120 }, () => {
    const start = draw(30_000);
    return stretch(
      CAUSES[draw(CAUSES.length - 2)],
      start,
      start + 1 + draw(draw(10) === 0 ? 9000 : 300),
    );
  });
  const requests = Array.from({ length: 40 }, () => {
    const start = draw(30_000);
    return request(start, start + 1 + draw(1500));
  });
  const seen = new Set<Cause>();
  for (const { request: each, cause, share } of explain(requests, stretches)) {
    seen.add(cause);
    const totals = new Map<Cause, number>();
    for (let at = each.startUs; at < each.endUs; at++) {
      const first = CAUSES.find((it) =>
        stretches.some(({ cause: c, startUs, endUs }) => c === it && startUs <= at && at < endUs)
      );
      if (first !== undefined) totals.set(first, (totals.get(first) ?? 0) + 1);
    }
    const most = Math.max(0, ...totals.values()) / (each.endUs - each.startUs);
    if (most < 0.25) assert.match(cause, /^unseen/);
    else {
      assert.equal(share, most);
      assert.equal(totals.get(cause)! / (each.endUs - each.startUs), most);
    }
  }
  assert.ok(seen.size > 5);
});

test("summarize() counts requests, incidents and the worst of each cause", () => {
  const requests = [
    { ...request(0, 2000), requests: 16 },
    request(1000, 5000, 7),
    request(20_000, 23_000),
    request(90_000, 91_000),
  ];
  const figures = summarize(explain(requests, [
    stretch("server: expiry", 0, 5000, "expire-cycle"),
    stretch("server: expiry", 20_000, 23_000),
  ]));
  assert.deepEqual(figures, [
    {
      cause: "server: expiry",
      requests: 18,
      share: 18 / 19,
      incidents: 2,
      worstUs: 4000,
      example: {
        startUs: 1000,
        us: 4000,
        connection: 7,
        test: "get",
        detail: "expire-cycle",
        share: 1,
      },
    },
    {
      cause: "unseen, lone",
      requests: 1,
      share: 1 / 19,
      incidents: 1,
      worstUs: 1000,
      example: { startUs: 90_000, us: 1000, connection: 0, test: "get", detail: "", share: 0 },
    },
  ]);
  assert.deepEqual(summarize([]), []);
});

test("readTrace() makes stretches of a server's lines", () => {
  const lines = [
    '{"trace":1,"pid":7,"runtime":"bun 1.4.5","slowerThanUs":100}',
    '{"at":1000,"us":812,"what":"expire-cycle"}',
    '{"at":2000,"us":2000,"what":"batch","n":500}',
    '{"at":3000,"us":2000,"what":"batch","n":3}',
    '{"at":3000,"us":900,"what":"command","n":1,"of":"keys"}',
    '{"at":3000,"us":900,"what":"fast-command","n":1,"of":"get"}',
    '{"at":3000,"us":640,"what":"command","n":64,"of":"sort"}',
    '{"at":4000,"us":0,"what":"collection","n":1}',
    '{"at":5000,"us":1500,"what":"collection","n":1}',
    '{"dropped":4}',
    '{"at":6000,"us":15',
  ];
  const { stretches, ...figures } = readTrace(lines.join("\n"));
  assert.deepEqual(figures, {
    runtime: "bun 1.4.5",
    slowerThanUs: 100,
    dropped: 4,
    collections: 2,
  });
  assert.deepEqual(
    stretches.map((each) => `${each.startUs}-${each.endUs} ${each.cause}, ${each.detail}`),
    [
      "1000-1812 server: expiry, expire-cycle",
      "2000-4000 burst: behind other requests, batch × 500",
      "3000-5000 server: event loop stalled, batch × 3",
      "3000-3900 server: long command, KEYS",
      "3000-3900 server: event loop stalled, GET",
      "3000-3640 burst: behind other requests, SORT × 64",
      "5000-6500 server: garbage collection, collection",
    ],
  );
  assert.throws(() => readTrace('{"trace":2}\n'), TypeError);
});
