/** The contract of file stores, as tests that every implementation passes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileStore } from "../../src/ports/file_store.ts";

/** Declares the tests of one implementation. @param folder an existing, empty one */
export function fileStoreContract(name: string, files: FileStore, folder: string): void {
  test(`${name}: a file that is not there has no text`, async () => {
    assert.equal(await files.readText(`${folder}/missing.conf`), undefined);
    assert.equal(files.readTextNow(`${folder}/missing.conf`), undefined);
  });

  test(`${name}: keeps a text, then the one that replaced it`, async () => {
    const path = `${folder}/kept.conf`;
    await files.replaceText(path, "port 6379\n# höhe 🦀\n");
    assert.equal(await files.readText(path), "port 6379\n# höhe 🦀\n");
    assert.equal(files.readTextNow(path), "port 6379\n# höhe 🦀\n");
    await files.replaceText(path, "");
    assert.equal(await files.readText(path), "");
  });

  test(`${name}: appends to a file, and makes it where there is none`, async () => {
    const path = `${folder}/grown.log`;
    await files.appendText(path, "one\n");
    await files.appendText(path, "zwölf\n");
    assert.equal(await files.readText(path), "one\nzwölf\n");
  });
}
