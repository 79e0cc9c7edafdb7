/** The file that a unix socket listens at. */
import { chmodSync, lstatSync, unlinkSync } from "node:fs";

/** Removes a socket that an earlier process left behind; a file of any other kind stays. */
export function removeSocketFile(path: string): void {
  try {
    if (lstatSync(path).isSocket()) unlinkSync(path);
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
  }
}

/** Sets who may connect. @param mode permission bits, e.g. 0o770 */
export function setSocketMode(path: string, mode: number): void {
  chmodSync(path, mode);
}
