/**
 * Plays the hostile scenarios at full size and prints what they did and what they cost.
 *
 *   main.ts [--short] [--seed=N] [--only=WORDS] [--list]
 */
import process from "node:process";
import { killProcesses } from "../support/test_server.ts";
import { closeClients } from "../support/wire_client.ts";
import { Ground } from "./ground.ts";
import { FULL, SHORT } from "./scale.ts";
import { type Outcome, play, type Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";
import { seedOf } from "./seed.ts";

const MIB = 1024 * 1024;

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}

function describe(
  { name, round, seconds, settleSeconds, counts, observed, before, peakBytes, after }: Outcome,
): string {
  const did = Object.entries(counts).map(([what, n]) => `${n.toLocaleString("en-US")} ${what}`);
  return [
    `ok  ${name} (${seconds.toFixed(1)} s${round > 1 ? `, played ${round} times` : ""})`,
    `    ${did.join(", ")}`,
    `    resident MiB ${mib(before.residentBytes)} before, ${mib(peakBytes)} at most, ` +
    `${mib(after.residentBytes)} after; used KiB ${Math.round(before.usedBytes / 1024)} before, ` +
    `${Math.round(after.usedBytes / 1024)} after`,
    `    settled after ${
      settleSeconds.toFixed(1)
    } s; observer: ${observed.replies} replies, all right, the slowest round ` +
    `${observed.slowestMs.toFixed(0)} ms`,
  ].join("\n");
}

/** @returns whether every scenario was played and did no harm */
async function playAll(scenarios: readonly Scenario[], ground: Ground): Promise<boolean> {
  let failures = 0;
  for (const scenario of scenarios) {
    if (scenario.needsTls === true && !ground.hasTls) {
      console.log(`--  ${scenario.name}: skipped, openssl is not installed`);
      continue;
    }
    try {
      console.log(describe(await play(ground, scenario)));
    } catch (error) {
      failures++;
      console.log(`FAILED  ${scenario.name} (--seed=${ground.seed} replays it)\n${error}`);
      if (ground.process.isOver) {
        console.log(ground.process.output.slice(-4000));
        break;
      }
    }
  }
  console.log(`${scenarios.length - failures} scenarios did no harm, ${failures} did`);
  return failures === 0;
}

async function main(args: readonly string[]): Promise<void> {
  const valueOf = (name: string): string | undefined =>
    args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
  const only = valueOf("only");
  const chosen = SCENARIOS.filter(({ name }) => only === undefined || name.includes(only));
  if (args.includes("--list") || chosen.length === 0) {
    for (const { name } of SCENARIOS) console.log(name);
    process.exitCode = args.includes("--list") ? 0 : 1;
    return;
  }
  const ground = await Ground.start(
    args.includes("--short") ? SHORT : FULL,
    seedOf(valueOf("seed")),
  );
  try {
    console.log(`${ground.scale.name} size, --seed=${ground.seed}`);
    if (!await playAll(chosen, ground)) process.exitCode = 1;
  } finally {
    await ground.close();
    closeClients();
    await killProcesses();
  }
}

await main(process.argv.slice(2));
