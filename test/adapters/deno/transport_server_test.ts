import { createTransportServer } from "../../../src/adapters/deno/transport_server.ts";
import { socketContract } from "../socket_contract.ts";

if ("Deno" in globalThis) socketContract("deno", createTransportServer());
