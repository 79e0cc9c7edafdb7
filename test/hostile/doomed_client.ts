/** A program that opens transactions, watches, waits and subscriptions, and then waits to be killed. */
import { createConnection } from "node:net";
import process from "node:process";
import { encodeCommand } from "../support/frames.ts";

const [port, count] = process.argv.slice(2).map(Number);

function open(...commands: readonly (readonly (string | number)[])[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket.once("error", reject);
    socket.once("connect", () => {
      for (const command of commands) socket.write(encodeCommand(command));
      resolve();
    });
  });
}

for (let i = 0; i < count; i++) {
  await open(
    ["WATCH", "doomed:watched", `doomed:${i}`],
    ["MULTI"],
    ["SET", "doomed:queued", "v"],
    ["RPUSH", "doomed:queued:list", "v".repeat(1000)],
  );
  await open(["BLPOP", "doomed:list", 0]);
  await open(
    ["HELLO", 3],
    ["CLIENT", "TRACKING", "ON"],
    ["GET", `doomed:${i}`],
    ["SUBSCRIBE", "doomed"],
  );
}
console.log("all is open");
setInterval(() => {}, 1000);
