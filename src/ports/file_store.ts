/** Contract of files: whole small ones for configuration. */
export interface FileStore {
  /** @returns the text, or undefined where there is no such file. @throws Error on any other failure */
  readText(path: string): Promise<string | undefined>;
  /** Replaces the file in one step (writes beside it, then renames). @throws Error */
  replaceText(path: string, text: string): Promise<void>;
}
