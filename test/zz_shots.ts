import { chromium } from "playwright-core";
const which = process.argv[2] ?? "all";
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const b64 = (s: string | Uint8Array) => Buffer.from(s).toString("base64url");
const base = "http://127.0.0.1:7392/console";
const pages: [string, string][] = [
  ["overview", ""],
  ["keys", "/keys"],
  ["string", `/key?key=${b64("json:config")}`],
  ["binary", `/key?key=${b64(new Uint8Array([0xff, 0, 1, 0x22, 0x3c]))}`],
  ["hash", `/key?key=${b64("user:1000")}`],
  ["list", `/key?key=${b64("queue:jobs")}&at=100`],
  ["stream", `/key?key=${b64("events")}`],
  ["evil", `/key?key=${b64("page:<script>alert(1)</script>")}`],
  ["prompt", "/prompt"],
];
for (
  const [mode, scheme, width, height] of [["light", "light", 1360, 900], [
    "dark",
    "dark",
    1360,
    900,
  ], ["phone", "light", 360, 740]] as const
) {
  const ctx = await browser.newContext({ colorScheme: scheme, viewport: { width, height } });
  const page = await ctx.newPage();
  page.on("console", (m) => console.log("console:", m.text()));
  page.on("pageerror", (e) => console.log("error:", e.message));
  for (const [name, path] of pages) {
    if (which !== "all" && !which.split(",").includes(name)) continue;
    await page.goto(base + path);
    if (name === "overview") await page.waitForTimeout(Number(process.argv[3] ?? 3000));
    if (name === "prompt") {
      for (
        const line of [
          "SET greeting hello",
          "HGETALL user:1000",
          "ZRANGE scores 0 2 WITHSCORES",
          "INCR greeting",
          "INFO keyspace",
        ]
      ) {
        await page.fill("#line", line);
        await page.keyboard.press("Enter");
        await page.waitForTimeout(250);
      }
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    if (wide) console.log("WIDE", mode, name);
    await page.screenshot({ path: `/tmp/crab/shots/${mode}-${name}.png`, fullPage: true });
    if (name === "hash") {
      await page.click("[data-dialog]");
      await page.screenshot({ path: `/tmp/crab/shots/${mode}-delete.png` });
    }
  }
  await ctx.close();
}
await browser.close();
process.exit(0);
