/** Certificates for tests, made by openssl when a test asks for them, and gone with the process. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

const PASSPHRASE = "open sesame";
const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

const CA_SETTINGS = `[ca]
default_ca=test
[test]
database=index.txt
serial=serial
new_certs_dir=.
default_md=sha256
policy=any
certificate=ca.crt
private_key=ca.key
[any]
commonName=supplied
`;

/** @returns why there can be no certificates, or undefined where there can */
export function missingOpenssl(): string | undefined {
  if (spawnSync("openssl", ["version"]).status === 0) return undefined;
  const reason = "openssl is not installed: it makes the certificates of the tests";
  if (process.env.CI === "true") throw new Error(reason);
  return reason;
}

const IS_DENO = "Deno" in globalThis;

/** A certificate and its key, in files. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/** An authority of its own, with a folder for what it signs. */
export class Authority {
  readonly folder: string;
  /** The authority's certificate. */
  readonly caFile: string;
  readonly ca: string;

  constructor(name = "test authority") {
    this.folder = mkdtempSync(join(tmpdir(), "crabcache-tls-"));
    this.caFile = join(this.folder, "ca.crt");
    const remove = (): void => rmSync(this.folder, { recursive: true, force: true });
    process.once("exit", remove);
    // The end of a test file on Deno, which has no "exit" there.
    if (IS_DENO) (globalThis as unknown as EventTarget).addEventListener("unload", remove);
    this.#openssl(
      ...["req", "-x509", ...NEW_KEY, "-nodes", "-days", "2", "-subj", `/CN=${name}`],
      ...["-keyout", "ca.key", "-out", "ca.crt", "-addext", "basicConstraints=critical,CA:TRUE"],
    );
    this.ca = readFileSync(this.caFile, "utf8");
  }

  /** Signs a certificate for localhost. @param name its common name, and that of its files */
  sign(name: string): Certificate {
    this.#openssl(
      ...["req", ...NEW_KEY, "-nodes", "-subj", `/CN=${name}`],
      ...["-keyout", `${name}.key`, "-out", `${name}.csr`],
    );
    this.write(`${name}.ext`, "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
    this.#openssl(
      ...["x509", "-req", "-in", `${name}.csr`, "-CA", "ca.crt", "-CAkey", "ca.key"],
      ...["-CAcreateserial", "-days", "2", "-out", `${name}.crt`, "-extfile", `${name}.ext`],
    );
    return this.#read(join(this.folder, `${name}.crt`), join(this.folder, `${name}.key`));
  }

  /** Signs a certificate whose time is over. */
  signExpired(name: string): Certificate {
    const { keyFile } = this.sign(name);
    const certFile = join(this.folder, `${name}.expired.crt`);
    this.write("index.txt", "");
    this.write("serial", "01\n");
    this.write("ca.cnf", CA_SETTINGS);
    this.#openssl(
      ...["ca", "-batch", "-config", "ca.cnf", "-in", `${name}.csr`, "-out", certFile],
      ...["-startdate", "20200101000000Z", "-enddate", "20210101000000Z"],
    );
    return this.#read(certFile, keyFile);
  }

  /** Signs a certificate with one that is no authority's; both are in its file. */
  signBy(issuer: string, name: string): Certificate {
    const { keyFile } = this.sign(name);
    const certFile = join(this.folder, `${name}.chain.crt`);
    this.#openssl(
      ...["x509", "-req", "-in", `${name}.csr`, "-CA", `${issuer}.crt`, "-CAkey", `${issuer}.key`],
      ...["-CAcreateserial", "-days", "2", "-out", certFile],
    );
    const issuerText = readFileSync(join(this.folder, `${issuer}.crt`), "utf8");
    writeFileSync(certFile, readFileSync(certFile, "utf8") + issuerText);
    return this.#read(certFile, keyFile);
  }

  /** @returns the same key, encrypted, and what with */
  encrypt(name: string): { keyFile: string; key: string; passphrase: string } {
    const keyFile = join(this.folder, `${name}.encrypted.key`);
    const out = ["-out", keyFile, "-passout", `pass:${PASSPHRASE}`];
    this.#openssl("pkcs8", "-topk8", "-in", `${name}.key`, ...out);
    return { keyFile, key: readFileSync(keyFile, "utf8"), passphrase: PASSPHRASE };
  }

  /** Writes a file into the folder. @returns its path */
  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  #read(certFile: string, keyFile: string): Certificate {
    const [cert, key] = [certFile, keyFile].map((path) => readFileSync(path, "utf8"));
    return { certFile, keyFile, cert, key };
  }

  #openssl(...args: string[]): void {
    execFileSync("openssl", args, { cwd: this.folder, stdio: ["ignore", "ignore", "pipe"] });
  }
}
