import { createRuntime } from "../../../src/adapters/bun/mod.ts";
import { runtimeContract } from "../runtime_contract.ts";

if ("Bun" in globalThis) runtimeContract("bun", createRuntime);
