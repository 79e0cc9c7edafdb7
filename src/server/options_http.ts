/** The parameters of the HTTP door. */
import * as kinds from "./options_kinds.ts";
import { inOptions, type Parameter, parameter } from "./options_parameter.ts";

const MIB = 1024 ** 2;
const MAX_ADDRESSES = 16;
const MAX_RATE = 1_000_000;
const MAX_WAIT_SECONDS = 3600;
/** No argument is longer than what a value may be. */
export const MAX_BODY_BYTES: number = 512 * MIB;

function port(
  name: string,
  group: string,
  key: "httpPort" | "httpTlsPort",
  what: string,
): Parameter {
  return parameter({
    name,
    group,
    summary: `${what}; 0 = none`,
    kind: kinds.integer(0, 65535),
    place: inOptions(key),
    fallback: 0,
    isMutable: false,
  });
}

function token(
  name: string,
  group: string,
  key: "httpToken" | "httpReadonlyToken",
  summary: string,
): Parameter {
  return parameter({
    name,
    group,
    summary,
    kind: kinds.text({ placeholder: "TOKEN", allowed: "a text without zero bytes" }),
    place: inOptions(key),
    fallback: "",
    shownDefault: "none",
    isMutable: false,
    isSecret: true,
  });
}

/** Makes them. @param group heading of the help text */
export function httpParameters(group: string): Parameter[] {
  return [
    port("http-port", group, "httpPort", "Port for HTTP/1.1 and HTTP/2 in clear text"),
    port(
      "http-tls-port",
      group,
      "httpTlsPort",
      "Port for HTTPS, with tls-cert-file and tls-key-file",
    ),
    parameter({
      name: "http3",
      group,
      summary: "Serve HTTP/3 at the UDP port of http-tls-port, too; needs Bun, experimental",
      kind: kinds.yesNo(),
      place: inOptions("http3"),
      fallback: false,
      isMutable: false,
    }),
    parameter({
      name: "http-bind",
      group,
      summary: "Addresses to serve HTTP at; one that begins with - may be unavailable",
      kind: kinds.addresses(MAX_ADDRESSES),
      place: inOptions("httpBind"),
      fallback: ["127.0.0.1", "-::1"],
      isMutable: false,
    }),
    token("http-token", group, "httpToken", "Token that requests must show; empty = none"),
    token(
      "http-readonly-token",
      group,
      "httpReadonlyToken",
      "Token of those who may only read; empty = none",
    ),
    parameter({
      name: "http-max-body",
      group,
      summary: "Largest body of a request",
      kind: kinds.memory(1024, MAX_BODY_BYTES),
      place: inOptions("httpMaxBody"),
      fallback: 16 * MIB,
      isMutable: false,
    }),
    parameter({
      name: "http-max-wait",
      group,
      summary: "Seconds that a blocking command may wait over HTTP, whatever its timeout",
      kind: kinds.integer(0, MAX_WAIT_SECONDS),
      place: inOptions("httpMaxWait"),
      fallback: 30,
      isMutable: false,
    }),
    parameter({
      name: "http-body-timeout",
      group,
      summary: "Seconds that the body of a request may take",
      kind: kinds.integer(1, MAX_WAIT_SECONDS),
      place: inOptions("httpBodyTimeout"),
      fallback: 30,
      isMutable: false,
    }),
    parameter({
      name: "http-rate-limit",
      group,
      summary: "Requests per second and token, or address where no token is needed; 0 = any number",
      kind: kinds.integer(0, MAX_RATE),
      place: inOptions("httpRateLimit"),
      fallback: 0,
      isMutable: false,
    }),
    parameter({
      name: "http-access-log",
      group,
      summary: "Log a line for each HTTP request",
      kind: kinds.yesNo(),
      place: inOptions("httpAccessLog"),
      fallback: false,
      isMutable: false,
    }),
    parameter({
      name: "http-cors",
      group,
      summary: "Origins whose pages may use the HTTP door, by commas; * = all, empty = none",
      kind: kinds.text({ placeholder: "ORIGINS", allowed: "origins such as https://example.org" }),
      place: inOptions("httpCors"),
      fallback: "",
      shownDefault: "none",
      isMutable: false,
    }),
  ];
}
