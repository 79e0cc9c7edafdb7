import { createTransportServer } from "../../../src/adapters/bun/transport_server.ts";
import { socketContract } from "../socket_contract.ts";

if ("Bun" in globalThis) socketContract("bun", createTransportServer());
