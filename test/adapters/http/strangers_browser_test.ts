// What a page of another site can make a real browser send to a server that needs no token.

import assert from "node:assert/strict";
import { test } from "node:test";
import { launchChromium, skipsBrowser } from "../../support/chromium.ts";
import { startHttpServer } from "./http_server.ts";

/** Runs in the page: has addresses of another server fetched, as images and by scripts. */
function embed(commands: readonly string[]): Promise<void> {
  // deno-lint-ignore no-explicit-any -- runs in the browser
  const { document, fetch } = globalThis as any;
  const images = commands.map((command) => {
    const image = document.createElement("img");
    document.documentElement.append(image);
    return new Promise<void>((resolve) => {
      image.onload = image.onerror = () => resolve();
      image.src = command;
    });
  });
  const fetches = commands.map((command) => fetch(command, { mode: "no-cors" }).catch(() => {}));
  const posts = commands.map((command) =>
    fetch(command, { mode: "no-cors", method: "POST", body: "1" }).catch(() => {})
  );
  return Promise.all([...images, ...fetches, ...posts]).then(() => {});
}

test("a page of another site makes a browser run no command", { skip: skipsBrowser }, async () => {
  const target = await startHttpServer();
  const other = await startHttpServer();
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const sent = new Set<string>();
    page.on("request", (request) => {
      const kind = `${request.method()} ${request.resourceType()}`;
      if (request.url().startsWith(target.url)) sent.add(kind);
    });
    const commands = ["/set/k/owned", "/incr/hits"].map((path) => target.url + path);
    for (const host of ["localhost", "127.0.0.1"]) {
      await page.goto(`${other.url.replace("127.0.0.1", host)}/healthz`);
      await page.evaluate(embed, commands);
    }
    assert.deepEqual([...sent].sort(), ["GET fetch", "GET image", "POST fetch"]);
    assert.deepEqual((await target.ask("/exists/k/hits")).json, { result: 0 });
    // What its user types there is a command.
    await page.goto(`${target.url}/set/k/typed`);
    assert.deepEqual((await target.ask("/get/k")).json, { result: "typed" });
  } finally {
    await browser.close();
    await Promise.all([target, other].map(({ server }) => server.close()));
  }
});
