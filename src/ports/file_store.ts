/** Contract of files: whole small ones for configuration, and such as grow for logs. */
export interface FileStore {
  /** @returns the text, or undefined where there is no such file. @throws Error on any other failure */
  readText(path: string): Promise<string | undefined>;
  /** The same of a small file, at once. @throws Error */
  readTextNow(path: string): string | undefined;
  /** Replaces the file in one step (writes beside it, then renames). @throws Error */
  replaceText(path: string, text: string): Promise<void>;
  /** Adds to the end of the file, which is made where there is none. @throws Error */
  appendText(path: string, text: string): Promise<void>;
}
