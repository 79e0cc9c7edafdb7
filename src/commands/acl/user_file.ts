/** The file that users are loaded from and saved to. */
import type { FileStore } from "../../ports/file_store.ts";
import type { SessionPort } from "../../ports/session_port.ts";
import { decodeText, encodeText } from "./text.ts";
import { readUserFile } from "./user_lines.ts";
import type { Users } from "./users.ts";

export class UserFile {
  /** "" = none. */
  readonly path: string;
  readonly #files: FileStore;
  readonly #users: Users;
  readonly #log: (line: string) => void;
  /** Loads and saves come one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string, files: FileStore, users: Users, log: (line: string) => void) {
    this.path = path;
    this.#files = files;
    this.#users = users;
    this.#log = log;
  }

  /**
   * Puts the users of the file in the place of those that are there, or changes nothing.
   * @param caller the session that asks for it
   * @returns what is wrong, "" = nothing
   */
  load(caller?: SessionPort): Promise<string> {
    return this.#next(() => this.#loadNow(caller));
  }

  /** Writes all users down. @returns whether that was possible; if not, the log says why */
  save(): Promise<boolean> {
    return this.#next(() => this.#saveNow());
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done;
    return done;
  }

  async #loadNow(caller: SessionPort | undefined): Promise<string> {
    let text: string | undefined;
    let reason = "No such file or directory";
    try {
      text = await this.#files.readText(this.path);
    } catch (error) {
      reason = (error as Error).message;
    }
    if (text === undefined) return `Error loading ACLs, opening file '${this.path}': ${reason}`;
    const users = readUserFile(encodeText(text), this.path, this.#users.context);
    if (typeof users === "string") return users;
    this.#users.replaceAll(users, caller);
    return "";
  }

  async #saveNow(): Promise<boolean> {
    const text = this.#users.lines().map((line) => `${line}\n`).join("");
    const decoded = decodeText(text);
    if (encodeText(decoded) !== text) {
      this.#log("ACL SAVE: a name or pattern is not valid UTF-8, which the file must be");
      return false;
    }
    try {
      await this.#files.replaceText(this.path, decoded);
      return true;
    } catch (error) {
      this.#log(`ACL SAVE: ${(error as Error).message}`);
      return false;
    }
  }
}
