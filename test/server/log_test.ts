import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../src/adapters/memory/clock.ts";
import { createMemoryFileStore } from "../../src/adapters/memory/file_store.ts";
import type { LogThreshold } from "../../src/ports/settings.ts";
import { createLog, LogFile, openServerLog } from "../../src/server/log.ts";

const PATH = "/var/log/crab.log";

/** A file store whose disk can be full. */
function createDisk() {
  const store = createMemoryFileStore();
  const disk = {
    isFull: false,
    writes: 0,
    readText: () => store.readText(PATH),
    async appendText(path: string, text: string) {
      disk.writes++;
      await Promise.resolve();
      if (disk.isFull) throw new Error("no space left on device");
      await store.appendText(path, text);
    },
  };
  return disk;
}

function createLogFile() {
  const clock = createManualClock();
  const disk = createDisk();
  const complaints: string[] = [];
  let lost = 0;
  const file = new LogFile({
    path: PATH,
    files: disk,
    clock,
    complain: (line) => void complaints.push(line),
    lost: (count) => lost += count,
  });
  return { clock, disk, complaints, file, lostLines: () => lost };
}

test("the threshold and the format follow the settings", () => {
  const settings = { loglevel: "notice" as LogThreshold, logFormat: "text" as "text" | "json" };
  const lines: string[] = [];
  const log = createLog({
    settings,
    clock: createManualClock(1_700_000_000_000),
    processId: 9,
    write: (line) => void lines.push(line),
  });
  log("one");
  log("two", "verbose");
  settings.loglevel = "verbose";
  settings.logFormat = "json";
  log("three", "verbose", { id: 3 });
  assert.equal(lines.length, 2);
  assert.match(lines[0], /^9:M \d\d Nov 2023 \d\d:\d\d:20\.000 \* one$/);
  assert.equal(JSON.parse(lines[1]).message, "three");
  assert.equal(JSON.parse(lines[1]).id, 3);
});

test("a log whose output is gone is silent", () => {
  const log = createLog({
    settings: { loglevel: "debug", logFormat: "text" },
    clock: createManualClock(),
    processId: 1,
    write() {
      throw new Error("broken pipe");
    },
  });
  log("nobody hears");
});

test("lines go into the file in their order, those that wait with one write", async () => {
  const { disk, file } = createLogFile();
  for (let i = 0; i < 100; i++) file.write(`line ${i}`);
  await file.flush();
  file.write("last");
  await file.flush();
  const lines = (await disk.readText())!.split("\n");
  assert.deepEqual(lines, [...Array.from({ length: 100 }, (_, i) => `line ${i}`), "last", ""]);
  assert.equal(disk.writes, 3);
});

test("a full disk is told of once, and lines wait until there is room again", async () => {
  const { clock, disk, complaints, file } = createLogFile();
  file.write("one");
  await file.flush();
  disk.isFull = true;
  file.write("two");
  await file.flush();
  file.write("three");
  clock.advance(1000);
  await file.flush();
  assert.deepEqual(complaints, ["Can't write to the log file: no space left on device"]);
  disk.isFull = false;
  clock.advance(1000);
  await file.flush();
  assert.equal(await disk.readText(), "one\ntwo\nthree\n");
  file.write("four");
  await file.flush();
  assert.equal(await disk.readText(), "one\ntwo\nthree\nfour\n");
});

test("while the disk is full, no more than 1 MiB waits; what is lost is counted", async () => {
  const { clock, disk, file, lostLines } = createLogFile();
  disk.isFull = true;
  const line = "x".repeat(1023);
  for (let i = 0; i < 2000; i++) file.write(line);
  await file.flush();
  disk.isFull = false;
  clock.advance(1000);
  await file.flush();
  const kept = (await disk.readText())!.length / 1024;
  assert.ok(kept <= 1024 && kept > 900, `${kept}`);
  assert.equal(lostLines(), 2000 - kept);
});

test("a log file that can't be opened keeps the server from starting", async () => {
  const disk = createDisk();
  disk.isFull = true;
  const runtime = {
    process: {},
    clock: createManualClock(),
    files: disk,
    system: { processId: 5 },
  } as unknown as Parameters<typeof openServerLog>[0];
  const settings = { loglevel: "notice", logFormat: "text" };
  const options = { settings, logfile: PATH } as Parameters<typeof openServerLog>[1];
  await assert.rejects(openServerLog(runtime, options), {
    message: "Can't open the log file: no space left on device",
  });
  disk.isFull = false;
  const { log, flush } = await openServerLog(runtime, options);
  log("Ready");
  await flush();
  assert.match((await disk.readText())!, /^5:M .* \* Ready\n$/);
});
