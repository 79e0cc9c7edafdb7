import { createRuntime } from "../../../src/adapters/deno/mod.ts";
import { runtimeContract } from "../runtime_contract.ts";

if ("Deno" in globalThis) runtimeContract("deno", createRuntime);
