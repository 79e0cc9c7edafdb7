/** Certificates and keys, read and checked before a listener uses them. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { TlsIdentity } from "../../ports/tls.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** What both runtimes understand. */
export interface TlsMaterial {
  /** PEM. */
  readonly certificate: string;
  /** PEM of PKCS #8, not encrypted. */
  readonly key: string;
  /** PEM of one certificate each. */
  readonly authorities: readonly string[];
}

/** Reads an identity. @throws Error that says what is wrong with it, and shows nothing of it */
export function readIdentity(identity: TlsIdentity): TlsMaterial {
  const chain = readCertificates(identity.certificate, "the certificate");
  const key = readKey(identity);
  if (!chain[0].checkPrivateKey(key)) {
    throw new Error("the key is not that of the certificate");
  }
  if (identity.clients !== "no" && identity.authorities === "") {
    throw new Error("tls-auth-clients needs a tls-ca-cert-file to check certificates against");
  }
  const authorities = identity.authorities === ""
    ? []
    : readCertificates(identity.authorities, "the authorities' file");
  return {
    certificate: identity.certificate,
    key: key.export({ type: "pkcs8", format: "pem" }) as string,
    authorities: authorities.map((each) => each.toString()),
  };
}

function readCertificates(pem: string, what: string): X509Certificate[] {
  const blocks = pem.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) throw new Error(`${what} holds no certificate in PEM`);
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw new Error(`${what} is damaged`, { cause });
  }
}

function readKey({ key, passphrase }: TlsIdentity): KeyObject {
  if (!key.includes("PRIVATE KEY-----")) throw new Error("the key's file holds no key in PEM");
  try {
    return createPrivateKey(passphrase === "" ? { key } : { key, passphrase });
  } catch (cause) {
    const isEncrypted = /ENCRYPTED/.test(key);
    if (!isEncrypted) throw new Error("the key is damaged", { cause });
    const hint = passphrase === ""
      ? "and there is no tls-key-file-pass"
      : "with another passphrase";
    throw new Error(`the key is encrypted, ${hint}`, { cause });
  }
}
