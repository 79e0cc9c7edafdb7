/** The parameters of TLS. */
import type { ClientCertificates } from "../ports/tls.ts";
import * as kinds from "./options_kinds.ts";
import { inOptions, type Parameter, parameter } from "./options_parameter.ts";
import type { Options } from "./options_types.ts";

const PREFIX = "tls-";

/** Redis's order, as its error message shows it. */
const CLIENTS = ["no", "yes", "optional"] as const satisfies readonly ClientCertificates[];

type PathKey = "tlsCertFile" | "tlsKeyFile" | "tlsCaCertFile";

function file(name: string, group: string, key: PathKey, summary: string): Parameter {
  return parameter({
    name,
    group,
    summary,
    kind: kinds.text({ placeholder: "FILE", allowed: "the path of a file in PEM format" }),
    place: inOptions(key),
    fallback: "",
    shownDefault: "none",
  });
}

/** Makes them. @param group heading of the help text */
export function tlsParameters(group: string): Parameter[] {
  return [
    parameter({
      name: "tls-port",
      group,
      summary: "TCP port for TLS; 0 = none",
      kind: kinds.integer(0, 65535),
      place: inOptions("tlsPort"),
      fallback: 0,
      isMutable: false,
    }),
    file(
      "tls-cert-file",
      group,
      "tlsCertFile",
      "Certificate of the server, and those that lead to its authority; CONFIG SET and SIGHUP " +
        "read the files again",
    ),
    file("tls-key-file", group, "tlsKeyFile", "Private key of the certificate"),
    parameter({
      name: "tls-key-file-pass",
      group,
      summary: "What the private key is encrypted with",
      kind: kinds.text({ placeholder: "PASSPHRASE", allowed: "a text without zero bytes" }),
      place: inOptions("tlsKeyFilePass"),
      fallback: "",
      shownDefault: "none",
      isSecret: true,
    }),
    file(
      "tls-ca-cert-file",
      group,
      "tlsCaCertFile",
      "Certificates of the authorities that vouch for clients",
    ),
    parameter({
      name: "tls-auth-clients",
      group,
      summary: "Whether clients must show a certificate of such an authority, or may",
      kind: kinds.oneOf(CLIENTS, "no|yes|optional"),
      place: inOptions("tlsAuthClients"),
      fallback: "yes",
    }),
  ];
}

/** The first of these names that is one of a parameter of TLS. */
export function findTlsName(names: readonly string[]): string | undefined {
  return names.find((name) => name.startsWith(PREFIX));
}

/** @returns what is missing to speak TLS */
export function checkTls(options: Options): string[] {
  const { tlsPort, httpTlsPort } = options;
  if (options.http3 && httpTlsPort === 0) {
    return ["http3 yes: http-tls-port is missing, HTTP/3 is spoken with TLS only"];
  }
  if (tlsPort === 0 && httpTlsPort === 0) return [];
  const asked = tlsPort === 0 ? `http-tls-port ${httpTlsPort}` : `tls-port ${tlsPort}`;
  const problems: string[] = [];
  const miss = (name: string, why: string): void =>
    void problems.push(`${asked}: ${name} is missing${why}`);
  if (options.tlsCertFile === "") miss("tls-cert-file", "");
  if (options.tlsKeyFile === "") miss("tls-key-file", "");
  if (tlsPort !== 0 && options.tlsAuthClients !== "no" && options.tlsCaCertFile === "") {
    miss(
      "tls-ca-cert-file",
      `, needed to check the certificates of clients (tls-auth-clients ${options.tlsAuthClients})` +
        "\n    allowed: a file of authorities, or tls-auth-clients no",
    );
  }
  return problems;
}
