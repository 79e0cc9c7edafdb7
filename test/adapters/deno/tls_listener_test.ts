import { createTransportServer } from "../../../src/adapters/deno/transport_server.ts";
import { tlsContract } from "../tls_contract.ts";

if ("Deno" in globalThis) tlsContract("deno", createTransportServer());
