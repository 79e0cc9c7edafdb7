import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { readText, ROOT } from "../support/sources.ts";
import { freePort, IS_DENO, killProcesses, TestProcess } from "../support/test_server.ts";
import { until, within } from "../support/wait.ts";
import { closeClients, connect } from "../support/wire_client.ts";
import {
  CONTAINER_FILES,
  copiesOf,
  type Data,
  instructionOf,
  readStages,
  readToml,
  readUnit,
  readYaml,
} from "./deploy_files.ts";

const PASSWORD = "a-password";
const TOKEN = "a-token";
const READER = "a-reader";
const LOCAL = { CRABCACHE_BIND: "127.0.0.1", CRABCACHE_HTTP_BIND: "127.0.0.1" };

after(async () => {
  closeClients();
  await killProcesses();
});

/** A server as one of the files starts it, on ports and with secrets of the test's. */
class Deployed {
  readonly process: TestProcess;
  readonly port: number;
  readonly httpPort: number;
  readonly env: Record<string, string>;

  /** @param more environment, e.g. to stay on this machine */
  static async start(
    command: readonly string[],
    cwd: string,
    more: Record<string, string>,
  ): Promise<Deployed> {
    const ports = [await freePort(), await freePort()] as const;
    const deployed = new Deployed(command, cwd, more, ...ports);
    await deployed.process.seen("ready on");
    return deployed;
  }

  private constructor(
    command: readonly string[],
    cwd: string,
    more: Record<string, string>,
    port: number,
    httpPort: number,
  ) {
    this.port = port;
    this.httpPort = httpPort;
    this.env = {
      CRABCACHE_PORT: String(port),
      CRABCACHE_HTTP_PORT: String(httpPort),
      CRABCACHE_REQUIREPASS: PASSWORD,
      CRABCACHE_HTTP_TOKEN: TOKEN,
      CRABCACHE_HTTP_READONLY_TOKEN: READER,
      CRABCACHE_MAXMEMORY: "64mb",
      ...more,
    };
    const [program, ...args] = command;
    this.process = new TestProcess(program, args, this.env, cwd);
  }

  ask(path: string, token?: string): Promise<Response> {
    const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
    return fetch(`http://127.0.0.1:${this.httpPort}${path}`, headers && { headers });
  }

  /** Asks at both ports. */
  async answers(): Promise<void> {
    const client = await connect({ kind: "tcp", host: "127.0.0.1", port: this.port });
    assert.match(await client.call("PING"), /^-NOAUTH /);
    assert.equal(await client.call("AUTH", PASSWORD), "+OK\r\n");
    assert.equal(await client.call("PING"), "+PONG\r\n");
    client.close();
    assert.deepEqual(await (await this.ask("/healthz")).json(), { status: "ok" });
    assert.deepEqual(await (await this.ask("/set/k/v", TOKEN)).json(), { result: "OK" });
    assert.equal((await this.ask("/docs", TOKEN)).status, 200);
    const console = await (await this.ask("/console/", TOKEN)).text();
    const assets = [...console.matchAll(/(?:src|href)="(assets\/[^"]+)"/g)];
    assert.ok(assets.length > 2);
    for (const [, asset] of assets) {
      assert.equal((await this.ask(`/console/${asset}`, TOKEN)).status, 200, asset);
    }
  }

  async stops(signal: "SIGTERM"): Promise<void> {
    this.process.signal(signal);
    assert.equal(await within("the end", this.process.exited), 0, this.process.output);
  }
}

/** Lends a folder. Hooks that remove it after the tests would not all be waited for. */
async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "crabcache-deploy-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts together what the last stage of a container file holds. */
function buildContainer(path: string, root: string): void {
  const last = readStages(path).at(-1)!;
  const workdir = instructionOf(last, "WORKDIR");
  for (const { from, sources, target } of copiesOf(last)) {
    for (const source of sources) {
      const place = join(root, target.startsWith("/") ? "" : workdir, target);
      const to = target.endsWith("/") ? join(place, basename(source)) : place;
      mkdirSync(dirname(to), { recursive: true });
      if (from === undefined) cpSync(join(ROOT, source), to, { recursive: true });
      else symlinkSync(join(ROOT, basename(source)), to, "dir");
    }
  }
}

/** Paths that asking for health uses, in every file that names one. */
function probePaths(): Set<string> {
  const deployment = readYaml("deploy/kubernetes/deployment.yaml");
  const [container] = deployment.spec.template.spec.containers;
  const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe];
  const { http_service: http } = readToml("deploy/fly.toml");
  return new Set([
    ...probes.map(({ httpGet }: Data) => httpGet.path),
    ...http.checks.map(({ path }: Data) => path),
  ]);
}

/** The metrics that the dashboard asks for, without what Prometheus adds to histograms. */
function dashboardMetrics(): { names: Set<string>; labels: Set<string> } {
  const text = readText("deploy/grafana/dashboards/crabcache.json");
  const names = [...text.matchAll(/crabcache_\w+/g)]
    .map(([name]) => name.replace(/(_duration_seconds)_(?:bucket|count|sum)$/, "$1"));
  const { panels } = JSON.parse(text);
  const formats = panels.flatMap(({ targets }: Data) => targets)
    .map(({ legendFormat }: Data) => legendFormat).join(" ");
  const labels = [...formats.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
  return { names: new Set(names), labels: new Set(labels) };
}

const RUNTIME = IS_DENO ? "deno" : "bun";

test("the container starts, is healthy, tells what the dashboard asks, and stops", () =>
  withFolder(useContainer));

async function useContainer(root: string): Promise<void> {
  const path = CONTAINER_FILES[RUNTIME];
  buildContainer(path, root);
  const last = readStages(path).at(-1)!;
  const workdir = join(root, instructionOf(last, "WORKDIR"));
  const [name, ...entry]: string[] = JSON.parse(instructionOf(last, "ENTRYPOINT"));
  assert.equal(name, RUNTIME);
  const [conf]: string[] = JSON.parse(instructionOf(last, "CMD"));
  const deployed = await Deployed.start(
    [process.execPath, ...entry, join(root, conf)],
    workdir,
    {},
  );
  await deployed.answers();

  const check: string[] = JSON.parse(/ CMD (\[.*\])$/.exec(instructionOf(last, "HEALTHCHECK"))![1]);
  assert.equal(check[0], RUNTIME);
  const health = (env: Record<string, string>): Promise<number | string> =>
    within("the check", new TestProcess(process.execPath, check.slice(1), env, workdir).exited);
  assert.equal(await health(deployed.env), 0);
  assert.equal(await health({ CRABCACHE_HTTP_PORT: String(await freePort()) }), 1);

  for (const probe of probePaths()) assert.equal((await deployed.ask(probe)).status, 200, probe);
  assert.equal((await deployed.ask("/metrics")).status, 401);
  const metrics = await deployed.ask("/metrics", READER);
  assert.equal(metrics.status, 200);
  const text = await metrics.text();
  const families = new Set([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, family]) => family));
  const { names, labels } = dashboardMetrics();
  assert.ok(names.size > 15);
  for (const metric of names) assert.ok(families.has(metric), metric);
  for (const label of labels) {
    assert.ok(label === "instance" || new RegExp(`[{,]${label}="`).test(text), label);
  }
  await deployed.stops("SIGTERM");
}

const START = IS_DENO ? [process.execPath, "run", "-A", "--no-check"] : [process.execPath];

test("the unit's command line starts the server, reloads and stops it", async () => {
  const { Service: service } = readUnit("deploy/systemd/crabcache.service");
  const [program, conf, ...rest] = service.ExecStart[0].split(" ");
  assert.deepEqual([program, rest], ["/usr/local/bin/crabcache", []]);
  const file = join("deploy/systemd", basename(conf));
  const deployed = await Deployed.start([...START, "src/main.ts", file], ROOT, LOCAL);
  await deployed.answers();
  assert.equal(service.ExecReload[0], "/bin/kill -HUP $MAINPID");
  deployed.process.signal("SIGHUP");
  await deployed.answers();
  assert.equal(service.KillSignal[0], "SIGTERM");
  await deployed.stops("SIGTERM");
});

const DENO = IS_DENO ? process.execPath : join(ROOT, "node_modules", ".bin", "deno");

test("the entry for hosts without TCP answers, and wants a token", {
  skip: existsSync(DENO) ? false : "there is no deno",
}, async () => {
  const port = await freePort();
  const command = [
    "run",
    "--no-check",
    "--allow-net",
    "--allow-read",
    "--allow-env",
    "--allow-sys",
  ];
  const env = { DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}` };
  const start = (more: Record<string, string>): TestProcess =>
    new TestProcess(DENO, [...command, "deploy/deno_deploy.ts"], { ...env, ...more });
  const refused = start({ CRABCACHE_HTTP_TOKEN: "" });
  assert.equal(await within("the end", refused.exited), 1);
  assert.match(refused.stderr, /CRABCACHE_HTTP_TOKEN is missing/);

  start({ CRABCACHE_HTTP_TOKEN: TOKEN, CRABCACHE_HTTP_READONLY_TOKEN: READER });
  const url = `http://127.0.0.1:${port}`;
  const ask = async (path: string, token: string): Promise<Data> =>
    await (await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })).json();
  await until(
    "its port",
    async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true,
  );
  assert.deepEqual(await ask("/set/k/v", TOKEN), { result: "OK" });
  assert.deepEqual(await ask("/get/k", READER), { result: "v" });
  assert.match((await ask("/set/k/w", READER)).error, /^NOPERM /);
  assert.equal((await fetch(`${url}/get/k`)).status, 401);
});

test("npm run build makes one file that answers without anything beside it", {
  skip: IS_DENO ? "made by Bun" : false,
}, () => withFolder(buildExecutable));

async function buildExecutable(folder: string): Promise<void> {
  const { build } = JSON.parse(readText("package.json")).scripts;
  const [bun, ...args]: string[] = build.split(" ");
  assert.deepEqual([bun, ...args.slice(-2)], ["bun", "--outfile", "dist/crabcache"]);
  const file = join(folder, "crabcache");
  const made = spawnSync(process.execPath, [...args.slice(0, -1), file], { cwd: ROOT });
  assert.equal(made.status, 0, String(made.stderr));
  const conf = join(folder, "crabcache.conf");
  cpSync(join(ROOT, "deploy/systemd/crabcache.conf"), conf);
  const deployed = await Deployed.start([file, conf], folder, LOCAL);
  await deployed.answers();
  await deployed.stops("SIGTERM");
}
