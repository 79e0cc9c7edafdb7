/** The process that the program runs in. */
import process from "node:process";
import type { ProcessPort, SignalName } from "../../ports/process.ts";

/** Makes the port to this process. */
export function createProcess(): ProcessPort {
  return {
    args: process.argv.slice(2),
    env: process.env,
    onSignal,
    log: (line) => console.log(line),
    logError: (line) => console.error(line),
    exit: (code) => process.exit(code),
  };
}

function onSignal(names: readonly SignalName[], callback: (name: SignalName) => void): () => void {
  const listeners = names.map((name) => [name, () => callback(name)] as const);
  for (const [name, listener] of listeners) process.on(name, listener);
  return () => {
    for (const [name, listener] of listeners) process.off(name, listener);
  };
}
