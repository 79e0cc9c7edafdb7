import assert from "node:assert/strict";
import { test } from "node:test";
import { isLogged, jsonLine, textLine } from "../../src/server/log_line.ts";

/** 3 May 2026, 04:05:06.007, local time. */
const TIME_MS = new Date(2026, 4, 3, 4, 5, 6, 7).getTime();

test("a line of text looks as Redis writes it", () => {
  assert.equal(textLine("Ready", "notice", TIME_MS, 42), "42:M 03 May 2026 04:05:06.007 * Ready");
  const signs = (["debug", "verbose", "notice", "warning"] as const).map((level) =>
    textLine("", level, TIME_MS, 1).at(-2)
  );
  assert.deepEqual(signs, [".", "-", "*", "#"]);
});

test("nobody forges a line of text", () => {
  const line = textLine("a\n1:M 03 May\r\nb\x1b[31m\0", "notice", TIME_MS, 1);
  assert.equal(line.split(" * ")[1], "a\n    1:M 03 May\n    b?[31m?");
});

test("a line of JSON has time, level, message and fields, which replace none of them", () => {
  const line = jsonLine('a "b"\n', "warning", 1_700_000_000_123, 42, { id: 7, level: "x" });
  assert.ok(!line.includes("\n"));
  assert.deepEqual(JSON.parse(line), {
    time: "2023-11-14T22:13:20.123Z",
    level: "warning",
    pid: 42,
    message: 'a "b"\n',
    id: 7,
  });
});

test("what is as important as the threshold is logged, or more", () => {
  assert.equal(isLogged("debug", "debug"), true);
  assert.equal(isLogged("verbose", "notice"), false);
  assert.equal(isLogged("notice", "notice"), true);
  assert.equal(isLogged("warning", "notice"), true);
  assert.equal(isLogged("warning", "nothing"), false);
});
