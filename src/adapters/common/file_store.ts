/** Files of the machine. */
import { readFileSync } from "node:fs";
import { appendFile, open, readFile, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import type { FileStore } from "../../ports/file_store.ts";

/** Mode of a file that was not there before, less what the process's umask takes away. */
const NEW_FILE_MODE = 0o644;

/** Makes the store of the machine's files. */
export function createFileStore(): FileStore {
  return { readText, readTextNow, replaceText, appendText };
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function readTextNow(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Either the old text or the new one is found after a crash at any moment, never a mixture. */
async function replaceText(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const mode = await modeOf(path);
  try {
    const file = await open(temporary, "w", mode ?? NEW_FILE_MODE);
    try {
      if (mode !== undefined) await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(path));
}

/** The file is opened each time, so that one that was moved away is made anew. */
function appendText(path: string, text: string): Promise<void> {
  return appendFile(path, text, { mode: NEW_FILE_MODE });
}

/** Makes the new name durable. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o777;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return (error as { code?: string }).code === "ENOENT";
}
