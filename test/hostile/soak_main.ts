/**
 * Runs the soak and prints its figures.
 *
 *   soak_main.ts [--minutes=10] [--seed=N]
 */
import process from "node:process";
import { killProcesses } from "../support/test_server.ts";
import { closeClients } from "../support/wire_client.ts";
import { Ground } from "./ground.ts";
import { FULL } from "./scale.ts";
import { seedOf } from "./seed.ts";
import { MAX_SLOPE_BYTES_PER_MINUTE, soak, SOAK_FLAGS } from "./soak.ts";

const MIB = 1024 * 1024;
const DEFAULT_MINUTES = 10;

async function main(args: readonly string[]): Promise<void> {
  const valueOf = (name: string): string | undefined =>
    args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
  const minutes = Number(valueOf("minutes") ?? DEFAULT_MINUTES);
  if (!(minutes > 0)) throw new TypeError("--minutes must be a number above 0");
  const seed = seedOf(valueOf("seed"));
  const ground = await Ground.start(FULL, seed, ...SOAK_FLAGS);
  try {
    console.log(`${minutes} minutes, --seed=${seed}`);
    const figures = await soak(ground, minutes * 60);
    const { startBytes, endBytes, mostBytes, slopeBytesPerMinute, seconds, ...counts } = figures;
    for (const [name, count] of Object.entries(counts)) {
      console.log(`${name.padEnd(16)} ${count.toLocaleString("en-US")}`);
    }
    const [start, end, most] = [startBytes, endBytes, mostBytes].map((n) => (n / MIB).toFixed(1));
    console.log(`resident MiB     ${start} at the start, ${most} at most, ${end} at the end`);
    console.log(
      `slope            ${Math.round(slopeBytesPerMinute / 1024)} KiB a minute by the highs ` +
        `of its parts, allowed ${MAX_SLOPE_BYTES_PER_MINUTE / 1024}`,
    );
    console.log(`no wrong reply in ${seconds.toFixed(0)} s`);
  } catch (error) {
    console.log(`FAILED (--seed=${seed} replays it)\n${error}`);
    if (ground.process.isOver) console.log(ground.process.output.slice(-4000));
    process.exitCode = 1;
  } finally {
    await ground.close();
    closeClients();
    await killProcesses();
  }
}

await main(process.argv.slice(2));
