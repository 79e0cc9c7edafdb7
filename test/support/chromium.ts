/** A headless Chromium for tests; where there is none, they are skipped, but not in continuous integration. */
import { existsSync } from "node:fs";
import process from "node:process";
import { type Browser, chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const path = PLACES.find((place) => existsSync(place));
const isNeeded = process.env.CI !== undefined && process.env.CI !== "";

/** Why tests that need a browser are skipped; false = they are not. */
export const skipsBrowser: string | false = path === undefined && !isNeeded
  ? "there is no Chromium (apt-get install chromium)"
  : false;

/** Starts it. */
export async function launchChromium(): Promise<Browser> {
  if (path === undefined) throw new Error("these tests need Chromium: apt-get install chromium");
  // As root, as in containers, it has no sandbox.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return await chromium.launch({ executablePath: path, args });
}
