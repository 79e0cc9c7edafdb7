import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createFileStore } from "../../../src/adapters/common/file_store.ts";
import { createMemoryFileStore } from "../../../src/adapters/memory/file_store.ts";
import { fileStoreContract } from "../file_store_contract.ts";

const folder = mkdtempSync(join(tmpdir(), "crabcache-"));
after(() => rmSync(folder, { recursive: true }));
const files = createFileStore();

fileStoreContract("machine's files", files, folder);
fileStoreContract("files in memory", createMemoryFileStore(), "/memory");

test("machine's files: a replaced file keeps its mode and leaves nothing beside it", async () => {
  const path = join(folder, "secret.conf");
  writeFileSync(path, "requirepass a\n");
  chmodSync(path, 0o600);
  await files.replaceText(path, "requirepass b\n");
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(await files.readText(path), "requirepass b\n");
  assert.deepEqual(readdirSync(folder).filter((name) => name.includes("tmp")), []);
});

test("machine's files: a failed replacement says why and leaves nothing behind", async () => {
  const path = join(folder, "no", "such", "folder.conf");
  await assert.rejects(files.replaceText(path, "x"), { code: "ENOENT" });
  const occupied = join(folder, "occupied");
  mkdirSync(occupied);
  await assert.rejects(files.readText(occupied), { code: "EISDIR" });
  await assert.rejects(files.replaceText(occupied, "x"), { code: "EISDIR" });
  assert.deepEqual(readdirSync(folder).filter((name) => name.endsWith(".tmp")), []);
});
