import assert from "node:assert/strict";
import nodeProcess from "node:process";
import { test } from "node:test";
import { createProcess } from "../../../src/adapters/common/process.ts";

test("createProcess() shows arguments and environment", () => {
  nodeProcess.env.CRABCACHE_PROCESS_TEST = "seen";
  const process = createProcess();
  assert.equal(process.env.CRABCACHE_PROCESS_TEST, "seen");
  delete nodeProcess.env.CRABCACHE_PROCESS_TEST;
  assert.ok(Array.isArray(process.args));
});

test("onSignal() hears a signal until it is taken back", async () => {
  const heard: string[] = [];
  const stop = createProcess().onSignal(["SIGUSR2", "SIGHUP"], (name) => heard.push(name));
  const other = createProcess().onSignal(["SIGUSR2", "SIGHUP"], () => {});
  const signalAndWait = async (name: "SIGUSR2" | "SIGHUP"): Promise<void> => {
    nodeProcess.kill(nodeProcess.pid, name);
    await new Promise((resolve) => setTimeout(resolve, 100));
  };
  await signalAndWait("SIGUSR2");
  await signalAndWait("SIGHUP");
  assert.deepEqual(heard, ["SIGUSR2", "SIGHUP"]);
  stop();
  await signalAndWait("SIGUSR2");
  assert.deepEqual(heard, ["SIGUSR2", "SIGHUP"]);
  other();
});
