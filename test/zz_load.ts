import { createClient } from "redis";
const ms = Number(process.argv[2] ?? 20) * 1000;
const c = createClient({ url: "redis://127.0.0.1:7391", name: "load-generator" });
await c.connect();
const more = await Promise.all(["worker-1", "worker-2", ""].map(async (name) => {
  const x = createClient({ url: "redis://127.0.0.1:7391", ...(name ? { name } : {}) });
  await x.connect();
  return x;
}));
await c.set("greeting", "Grüße, 世界 🦀");
await c.set("page:<script>alert(1)</script>", "<b>not bold</b>\n<img src=x onerror=alert(1)>");
await c.sendCommand([
  "SET",
  Buffer.from([0xff, 0x00, 0x01, 0x22, 0x3c]) as never,
  Buffer.from(Array.from({ length: 300 }, (_, i) => i & 255)) as never,
]);
await c.set("json:config", JSON.stringify({ a: 1, b: [1, 2, 3], c: { d: "text" } }, null, 2), {
  EX: 3600,
});
await c.set("text:large", "Lorem ipsum dolor sit amet. ".repeat(2000));
await c.rPush("queue:jobs", Array.from({ length: 350 }, (_, i) => `job ${i}`));
await c.hSet("user:1000", { name: "Ada", email: "ada@example.org", visits: 42 });
await c.sAdd("tags", ["red", "green", "blue"]);
await c.zAdd(
  "scores",
  Array.from({ length: 250 }, (_, i) => ({ score: i * 1.5, value: `player-${i}` })),
);
for (let i = 0; i < 120; i++) {
  await c.xAdd("events", "*", { kind: "click", at: String(i), ["<i>x</i>"]: "&amp;" });
}
more[2].blPop("never", 100).catch(() => {});
const until = Date.now() + ms;
let i = 0;
while (Date.now() < until) {
  const wave = 1 + Math.sin(Date.now() / 5000);
  const n = Math.round(200 + 400 * wave);
  const jobs = [];
  for (let k = 0; k < n; k++) {
    const key = `user:${Math.floor(1000 * Math.random() ** 4)}:profile`;
    jobs.push(Math.random() < 0.3 ? c.set(key, "x".repeat(2000), { PX: 3000 }) : c.get(key));
    if (k % 4 === 0) jobs.push(c.set(`fill:${i++}`, "y".repeat(900)));
  }
  await Promise.all(jobs);
  if (Math.random() < 0.05) await c.sendCommand(["KEYS", "*"]);
  await new Promise((r) => setTimeout(r, 40));
}
process.exit(0);
