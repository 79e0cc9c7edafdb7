import { createTransportServer } from "../../../src/adapters/bun/transport_server.ts";
import { tlsContract } from "../tls_contract.ts";

if ("Bun" in globalThis) tlsContract("bun", createTransportServer());
