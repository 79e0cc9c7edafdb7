/** Numbers on the wire never change: frames as bytes, and the constants that they are made of. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as frame from "../../../src/protocol/binary/frame.ts";
import { BinaryClient } from "../../session/binary_harness.ts";
import { Server } from "../../session/blocking_harness.ts";
import { ROOT } from "../../support/sources.ts";

const FIXTURE = "test/protocol/binary/golden_frames.txt";

interface Conversation {
  readonly name: string;
  readonly sent: string[];
  readonly received: string[];
}

/** Hex of lines such as `> cb 02 …  comment`: what stands before two blanks behind the first word. */
function hexOf(line: string): string {
  return line.trim().split(/ {2,}/)[0].replaceAll(" ", "");
}

function readFixture(): Conversation[] {
  const conversations: Conversation[] = [];
  for (const line of readFileSync(`${ROOT}/${FIXTURE}`, "utf8").split("\n")) {
    if (line.startsWith("# ")) {
      conversations.push({ name: line.slice(2), sent: [], received: [] });
    } else if (/^[<>] /.test(line)) {
      const { sent, received } = conversations.at(-1)!;
      (line[0] === ">" ? sent : received).push(hexOf(line.slice(2)));
    }
  }
  return conversations;
}

/** The examples of the document, as hex: requests and what answers them. */
function readExamples(): string[] {
  const text = readFileSync(`${ROOT}/src/protocol/binary/PROTOCOL.md`, "utf8");
  const section = text.slice(text.indexOf("## Example"), text.indexOf("## Versions"));
  const lines = section.split("\n").filter((line) => /^ {4,}[0-9a-f]{2}/.test(line));
  return lines.map(hexOf).join("").split(/(?=cb0200|cb8200)/);
}

function answerTo(hex: string): string {
  const server = new Server();
  const client = new BinaryClient(server);
  client.sendBytes(Buffer.from(hex, "hex"));
  server.turn();
  return client.received.toString("hex");
}

const conversations = readFixture();

test("there are golden frames", () => assert.ok(conversations.length >= 12));

for (const { name, sent, received } of conversations) {
  test(`golden frames: ${name}`, () => {
    assert.equal(answerTo(sent.join("")), received.join(""));
  });
}

test("the document's example is what happens", () => {
  const [request, replies] = readExamples();
  assert.match(request, /^cb02.{100,}/);
  assert.equal(answerTo(request), replies);
});

test("the constants are frozen", () => {
  assert.deepEqual({ ...frame }, {
    MAGIC: 0xcb,
    HEADER_BYTES: 16,
    PROTOCOL_VERSION: 1,
    KIND_OFFSET: 1,
    FLAGS_OFFSET: 2,
    LENGTH_OFFSET: 4,
    ID_OFFSET: 8,
    COUNT_OFFSET: 12,
    KIND_HELLO: 0x01,
    KIND_REQUEST: 0x02,
    KIND_WELCOME: 0x81,
    KIND_REPLIES: 0x82,
    KIND_PUSH: 0x83,
    KIND_REFUSED: 0x84,
    FLAG_ATOMIC: 1,
    FLAG_MORE: 1,
    RUN_HEADER_BYTES: 12,
    RUN_ARGUMENTS_OFFSET: 4,
    RUN_NAME_LENGTH_OFFSET: 8,
    RUN_WIDTH_OFFSET: 9,
    RUN_RESERVED_OFFSET: 10,
    MAX_BARE_COMMANDS: 1024,
    TAG_NULL: 0x00,
    TAG_FALSE: 0x01,
    TAG_TRUE: 0x02,
    TAG_OK: 0x03,
    TAG_INT32: 0x04,
    TAG_INT64: 0x05,
    TAG_DOUBLE: 0x06,
    TAG_SIMPLE: 0x07,
    TAG_ERROR: 0x08,
    TAG_BULK: 0x09,
    TAG_VERBATIM: 0x0a,
    TAG_BIG_NUMBER: 0x0b,
    TAG_ARRAY: 0x0c,
    TAG_MAP: 0x0d,
    TAG_SET: 0x0e,
    TAG_PUSH: 0x0f,
    TAG_SHORT_BULK: 0x10,
    SHORT_BULK_MAX: 255,
    CONTENT_TYPE: "application/vnd.crabcache.batch",
  });
});
