/** Files that live in a Map. */
import type { FileStore } from "../../ports/file_store.ts";

/** Makes a store. @param files path and text of what is there from the start */
export function createMemoryFileStore(files: Iterable<[string, string]> = []): FileStore {
  const texts = new Map(files);
  return {
    readText: (path) => Promise.resolve(texts.get(path)),
    readTextNow: (path) => texts.get(path),
    replaceText(path, text) {
      texts.set(path, text);
      return Promise.resolve();
    },
    appendText(path, text) {
      texts.set(path, (texts.get(path) ?? "") + text);
      return Promise.resolve();
    },
  };
}
