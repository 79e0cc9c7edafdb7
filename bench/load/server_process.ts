/** Finds the process of a server on this machine. */
import { existsSync } from "node:fs";
import type { LoadOptions } from "./result.ts";
import { respEncoder } from "./encoders.ts";
import { OutBuffer } from "./out_buffer.ts";
import { BatchPlan } from "./plan.ts";
import { type LoadSocket, openSocket } from "./socket.ts";

const PATIENCE_MS = 2000;
const LOCAL_HOST = /^(?:127\.\d+\.\d+\.\d+|localhost|::1)$/;
/** Of a container whose processes are numbered anew. */
const FIRST_PID = 1;

/** @returns its id; 0 where it is elsewhere or does not say */
export async function findServerPid(options: LoadOptions): Promise<number> {
  const { address, protocol = "resp", user, password } = options;
  const isLocal = "path" in address || LOCAL_HOST.test(address.host);
  if (!isLocal || protocol === "http" || protocol === "http2") return 0;
  let text: string;
  try {
    if (protocol === "memcache") text = await ask(options, encode("stats"), /END\r\n$/);
    else {
      const auth = password === undefined ? [] : [
        ["AUTH", ...user === undefined ? [] : [user], password],
      ];
      const commands = [...auth, ["INFO", "server"]];
      text = await ask(options, commandsOf(commands), /process_id:\d+\r\n[^]*\r\n$/);
    }
  } catch {
    return 0;
  }
  const pid = Number(/(?:process_id:|STAT pid )(\d+)/.exec(text)?.[1] ?? 0);
  return pid > FIRST_PID && existsSync(`/proc/${pid}/stat`) ? pid : 0;
}

function encode(line: string): Uint8Array {
  return new TextEncoder().encode(`${line}\r\n`);
}

function commandsOf(commands: readonly (readonly string[])[]): Uint8Array {
  const plan = new BatchPlan(commands.length);
  commands.forEach((_, i) => plan.add(i, 0));
  const out = new OutBuffer();
  respEncoder(commands.map((words) => ({ words })), false).encode(plan, out);
  return out.written();
}

/** Sends a request and collects the answer until it looks whole. */
function ask(
  { address, tls }: LoadOptions,
  bytes: Uint8Array,
  whole: RegExp,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    let socket: LoadSocket | undefined;
    const close = (): void => {
      clearTimeout(late);
      socket?.close();
    };
    const late = setTimeout(() => {
      close();
      reject(new Error("no answer"));
    }, PATIENCE_MS);
    openSocket({ address, tls }, {
      data(chunk) {
        text += new TextDecoder("latin1").decode(chunk);
        if (!whole.test(text)) return;
        close();
        resolve(text);
      },
      failed(error) {
        close();
        reject(error);
      },
    }).then((opened) => {
      socket = opened;
      opened.write(bytes);
    }, (error) => {
      close();
      reject(error);
    });
  });
}
