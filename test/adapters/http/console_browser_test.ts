// The console in a browser: what moves, what keys and shortcuts do, how it looks on a phone and in the dark.

import { after, afterEach, before, beforeEach, test } from "node:test";
import assert from "node:assert/strict";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchChromium, skipsBrowser } from "../../support/chromium.ts";
import { IS_LONG } from "../../support/sizes.ts";
import { IS_DENO } from "../../support/test_server.ts";
import { type HttpTestServer, startHttpServer } from "./http_server.ts";

const TOKEN = "a-secret-token";
const HOSTILE = "<img src=x onerror=alert(1)>";
const TIMEOUT_MS = 20_000;
const options = { skip: skipsBrowser };
/** For what is between the page and the browser alone, whatever runtime the server has. */
const onPage = {
  skip: skipsBrowser === false && IS_DENO && !IS_LONG
    ? "the page is the same on Bun (CRABCACHE_TESTS=long looks at it here, too)"
    : skipsBrowser,
};

let http: HttpTestServer;
let browser: Browser;
let context: BrowserContext;
let page: Page;
/** What went wrong in pages: exceptions, files that did not load, violations of the policy. */
const complaints: string[] = [];

before(async () => {
  if (skipsBrowser !== false) return;
  http = await startHttpServer();
  browser = await launchChromium();
});
after(async () => {
  if (skipsBrowser !== false) return;
  await browser.close();
  await http.server.close();
});
beforeEach(async () => {
  if (skipsBrowser !== false) return;
  await open();
});
afterEach(async () => {
  if (skipsBrowser !== false) return;
  await context.close();
  assert.deepEqual(complaints.splice(0), []);
});

async function open(looks: Parameters<Browser["newContext"]>[0] = {}): Promise<void> {
  context = await browser.newContext({ baseURL: http.url, ...looks });
  context.setDefaultTimeout(TIMEOUT_MS);
  page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !/status of (404|401)/.test(text)) complaints.push(text);
  });
  page.on("dialog", (dialog) => {
    complaints.push(`a script of someone else's ran: ${dialog.message()}`);
    void dialog.dismiss();
  });
}

async function reopen(looks: Parameters<Browser["newContext"]>[0]): Promise<void> {
  await context.close();
  await open(looks);
}

async function run(...commands: (string | number)[][]): Promise<void> {
  const { json } = await http.ask("/batch", commands);
  for (const each of json) assert.ok("result" in each, JSON.stringify(each));
}

function keyPath(key: string): string {
  return `/console/key?key=${Buffer.from(key).toString("base64url")}`;
}

/** Text of whatever has the focus, or its name. */
function focused(): Promise<string> {
  return page.evaluate(() => {
    // deno-lint-ignore no-explicit-any -- runs in the browser
    const { document } = globalThis as any;
    const { id, textContent, tagName } = document.activeElement;
    return id || textContent.trim() || tagName;
  });
}

function sizes(): Promise<{ page: number; window: number }> {
  return page.evaluate(() => {
    // deno-lint-ignore no-explicit-any -- runs in the browser
    const { document, innerWidth } = globalThis as any;
    return { page: document.documentElement.scrollWidth, window: innerWidth };
  });
}

test("console: live figures and charts move under load", options, async () => {
  await run(["FLUSHALL"], ["SET", "hot", "1"]);
  await page.goto("/console");
  await page.getByText("Live", { exact: true }).waitFor();
  assert.equal(await page.locator("[data-chart] canvas").count(), 6);
  let isOver = false;
  const load = (async () => {
    while (!isOver) {
      await run(...Array.from({ length: 300 }, () => ["GET", "hot"]), ["GET", "none"]);
    }
  })();
  const rate = page.locator("[data-now=commands]");
  await page.waitForFunction(() => {
    // deno-lint-ignore no-explicit-any -- runs in the browser
    const { document } = globalThis as any;
    const text = document.querySelector("[data-now=commands]").textContent;
    return /[kM]$/.test(text) || Number(text.replaceAll(",", "")) > 1000;
  });
  assert.match(await rate.innerText(), /\d/);
  assert.match(await page.locator("[data-now=hits]").innerText(), /^99\.\d %$/);
  assert.match(
    await page.locator("[data-more=latency]").innerText(),
    /p50 .*µs · p99 .*s · p99\.9 .*s/,
  );
  assert.match(await page.locator("[data-more=memory]").innerText(), /budget 64\.0 MiB/);
  await page.locator("#hot a").first().waitFor();
  assert.equal(await page.locator("#hot a").first().innerText(), "hot");
  const hasDrawn = await page.evaluate(() => {
    // deno-lint-ignore no-explicit-any -- runs in the browser
    const canvas = (globalThis as any).document.querySelector("[data-chart=commands] canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value: number) => value !== 0);
  });
  assert.ok(hasDrawn, "the chart is empty");
  await page.keyboard.press("p");
  await page.getByText("Paused", { exact: true }).waitFor();
  const still = await rate.innerText();
  isOver = true;
  await load;
  await page.waitForTimeout(1500);
  assert.equal(await rate.innerText(), still);
  await page.keyboard.press("p");
  await page.getByText("Live", { exact: true }).waitFor();
});

test("console: the key browser opens values of each type", options, async () => {
  await run(
    ["FLUSHALL"],
    ["SET", "a-string", HOSTILE],
    ["RPUSH", "a-list", "first", HOSTILE],
    ["HSET", "a-hash", "field", HOSTILE],
    ["SADD", "a-set", HOSTILE],
    ["ZADD", "a-zset", 1.5, HOSTILE],
    ["XADD", "a-stream", "*", "field", HOSTILE],
    ["SET", HOSTILE, "v"],
  );
  for (const type of ["string", "list", "hash", "set", "zset", "stream"]) {
    await page.goto("/console/keys");
    await page.getByRole("link", { name: `a-${type}` }).click();
    assert.equal(await page.locator("h1").innerText(), `a-${type}`);
    assert.equal(await page.locator(".facts .type").innerText(), type);
    const value = page.locator(type === "string" ? "pre.value" : "tbody td:last-child bdi").last();
    assert.equal(await value.innerText(), HOSTILE);
  }
  await page.goto("/console/keys");
  await page.getByLabel("Pattern").fill("a-*");
  await page.getByLabel("Type").selectOption("hash");
  await page.getByRole("button", { name: "Search" }).click();
  assert.deepEqual(await page.locator("tbody tr td:first-child").allInnerTexts(), ["a-hash"]);
  await page.getByLabel("Open a key by its name").fill(HOSTILE);
  await page.getByRole("button", { name: "Open" }).click();
  assert.equal(await page.locator("h1").innerText(), HOSTILE);
  assert.equal(await page.locator("img").count(), 0);
});

test("console: a key is deleted once that is confirmed, and not before", options, async () => {
  await run(["FLUSHALL"], ["SET", "doomed", "1"]);
  const exists = async (): Promise<number> =>
    (await http.ask("/batch", [["EXISTS", "doomed"]])).json[0].result;
  await page.goto(keyPath("doomed"));
  await page.getByText("Delete…").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Keep it").click();
  assert.equal(await dialog.isVisible(), false);
  await page.getByText("Delete…").click();
  await page.keyboard.press("Escape");
  assert.equal(await dialog.isVisible(), false);
  assert.equal(await exists(), 1);
  await page.getByText("Delete…").click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.getByText("Deleted doomed").waitFor();
  assert.equal(await exists(), 0);
});

test(
  "console: without scripts a key is deleted, and a command run, all the same",
  options,
  async () => {
    await run(["FLUSHALL"], ["SET", "doomed", "1"]);
    await reopen({ javaScriptEnabled: false });
    await page.goto(keyPath("doomed"));
    await page.getByText("Delete…").click();
    await page.getByRole("heading", { name: "Delete this key?" }).waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByText("Deleted doomed").waitFor();
    await page.goto("/console/prompt");
    await page.getByLabel("Command").fill("DBSIZE");
    await page.keyboard.press("Enter");
    await page.getByText("(integer) 0").waitFor();
    await page.goto("/console");
    await page.getByText("Up for").waitFor();
    assert.equal(await page.locator("#live").isVisible(), false);
  },
);

test("console: the prompt runs commands, shows errors and remembers lines", onPage, async () => {
  await run(["FLUSHALL"]);
  await page.goto("/console/prompt");
  const inFocus = page.locator("#line:focus");
  await inFocus.waitFor();
  const answers = page.locator(".answer");
  const ask = async (line: string): Promise<string> => {
    const before = await answers.count();
    await page.keyboard.type(line);
    await page.keyboard.press("Enter");
    await answers.nth(before).waitFor();
    return await answers.nth(before).innerText();
  };
  assert.equal(await ask(`SET k "${HOSTILE}"`), "OK");
  assert.equal(await ask("GET k"), `"${HOSTILE}"`);
  assert.equal(await ask("INCR k"), "(error) ERR value is not an integer or out of range");
  assert.equal(await page.locator(".answer.error").count(), 1);
  assert.equal(await ask("SELECT 2"), "OK");
  await page.getByText("db2>", { exact: true }).last().waitFor();
  assert.equal(await ask("GET k"), "(nil)");
  await ask("AUTH default a-password");
  const input = page.locator("#line");
  await page.keyboard.type("half a li");
  await page.keyboard.press("ArrowUp");
  assert.equal(await input.inputValue(), "AUTH default a-password");
  await page.keyboard.press("ArrowUp");
  assert.equal(await input.inputValue(), "GET k");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  assert.equal(await input.inputValue(), "half a li");
  await page.keyboard.press("Control+l");
  assert.equal(await answers.count(), 0);
  await page.reload();
  await inFocus.waitFor();
  await page.keyboard.press("ArrowUp");
  assert.equal(await input.inputValue(), "GET k", "secrets are not kept, other lines are");
});

test("console: all of it can be used by keys alone, and the focus is seen", onPage, async () => {
  await run(["FLUSHALL"], ["SET", "walk", "1"]);
  await page.goto("/console");
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "Skip to content");
  assert.ok((await page.locator(".skip").boundingBox())!.y >= 0, "the link is not seen");
  await page.keyboard.press("Enter");
  assert.equal(await focused(), "main");
  const order: string[] = [];
  await page.goto("/console/keys");
  for (let i = 0; i < 13; i++) {
    await page.keyboard.press("Tab");
    order.push(await focused());
    const outline = await page.evaluate(() => {
      // deno-lint-ignore no-explicit-any -- runs in the browser
      const { document, getComputedStyle } = globalThis as any;
      const style = getComputedStyle(document.activeElement);
      return `${style.outlineStyle} ${parseFloat(style.outlineWidth) >= 1}`;
    });
    assert.equal(outline, "solid true", order.join());
  }
  assert.deepEqual(order.slice(0, 7), [
    "Skip to content",
    "CrabCache",
    "Overview",
    "Keys",
    "Prompt",
    "shortcuts-open",
    "search",
  ]);
  assert.ok(order.includes("walk"), order.join());
  await page.goto("/console/keys");
  await page.keyboard.press("?");
  await page.getByRole("heading", { name: "Keyboard shortcuts" }).waitFor();
  await page.keyboard.press("3");
  assert.ok(page.url().endsWith("/keys"), "shortcuts rest while a dialog is open");
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  assert.equal(await focused(), "search");
  await page.keyboard.type("1wal*");
  assert.ok(page.url().endsWith("/keys"), "letters belong to the field");
  await page.keyboard.press("Escape");
  await page.keyboard.press("3");
  await page.waitForURL("**/console/prompt");
  await page.locator("#line").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("1");
  await page.waitForURL("**/console/");
});

test("console: nothing is wider than a phone", onPage, async () => {
  const long = `a-very-long-key-${"0123456789".repeat(30)}`;
  await run(["FLUSHALL"], ["SET", long, "x".repeat(3000)], ["HSET", "h", long, long], [
    "SET",
    "s",
    "1",
  ]);
  await run(...Array.from({ length: 3000 }, () => ["GET", long]));
  await reopen({ viewport: { width: 360, height: 740 } });
  for (
    const path of ["/console", "/console/keys", keyPath(long), keyPath("h"), "/console/prompt"]
  ) {
    await page.goto(path);
    const { page: wide, window } = await sizes();
    assert.equal(window, 360);
    assert.ok(wide <= window, `${path}: ${wide} px`);
  }
  await page.goto("/console");
  await page.getByText("Live", { exact: true }).waitFor();
  assert.ok((await sizes()).page <= 360);
  const chart = (await page.locator("[data-chart=commands] canvas").boundingBox())!;
  assert.ok(chart.width > 250 && chart.x + chart.width <= 360, JSON.stringify(chart));
});

test("console: it is light or dark as the system is, with enough contrast", onPage, async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    await reopen({ colorScheme });
    await page.goto("/console");
    const [ground, text, dim, link, accent, card] = await page.evaluate(() => {
      // deno-lint-ignore no-explicit-any -- runs in the browser
      const { document, getComputedStyle } = globalThis as any;
      const style = getComputedStyle(document.documentElement);
      return ["--ground", "--text", "--dim", "--link", "--accent", "--card"]
        .map((name) => style.getPropertyValue(name).trim());
    });
    assert.equal(luminance(ground) > 0.5, colorScheme === "light");
    for (const colour of [text, dim, link, accent]) {
      for (const behind of [ground, card]) {
        const ratio = contrast(colour, behind);
        assert.ok(ratio >= 4.5, `${colorScheme}: ${colour} on ${behind} has ${ratio.toFixed(2)}`);
      }
    }
  }
});

test("console: signing in, being signed out elsewhere, signing out", options, async () => {
  const closed = await startHttpServer({ httpToken: TOKEN });
  try {
    await page.goto(`${closed.url}/console/keys`);
    await page.getByLabel("Token or password").fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByText("That did not work").waitFor();
    await page.getByLabel("Token or password").fill(TOKEN);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/console/keys");
    // deno-lint-ignore no-explicit-any -- runs in the browser
    assert.equal(await page.evaluate(() => (globalThis as any).document.cookie), "");
    await page.goto(`${closed.url}/console`);
    await page.getByText("Live", { exact: true }).waitFor();
    await context.clearCookies();
    await page.getByText("You are no longer signed in").waitFor();
    await page.getByRole("link", { name: "Sign in again" }).click();
    await page.getByLabel("Token or password").fill(TOKEN);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("**/console/sign-in");
  } finally {
    await closed.server.close();
  }
});

test("console: a server that is gone is said to be, and found again", options, async () => {
  const first = await startHttpServer();
  const port = Number(new URL(first.url).port);
  await page.goto(`${first.url}/console`);
  await page.getByText("Live", { exact: true }).waitFor();
  await first.server.close();
  await page.getByText("The server does not answer").waitFor();
  await page.getByText("Offline", { exact: true }).waitFor();
  complaints.length = 0;
  const second = await startHttpServer({ httpPort: port });
  await page.getByText("Live", { exact: true }).waitFor();
  assert.equal(await page.locator("#connection").isVisible(), false);
  await page.goto("about:blank");
  complaints.length = 0;
  await second.server.close();
});

/** Relative luminance of "#rrggbb". Source: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}
