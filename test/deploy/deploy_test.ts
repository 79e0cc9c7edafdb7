import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findDirective } from "../../src/server/options_access.ts";
import { loadOptions } from "../../src/server/options.ts";
import { findParameter, PARAMETERS } from "../../src/server/options_table.ts";
import type { Options } from "../../src/server/options_types.ts";
import { listFiles, readText, ROOT } from "../support/sources.ts";
import { runtimeUnderTest } from "../support/test_server.ts";
import {
  CONTAINER_FILES,
  copiesOf,
  type Data,
  instructionOf,
  instructionsOf,
  readStages,
  readToml,
  readUnit,
  readYaml,
} from "./deploy_files.ts";

const KUBERNETES = "deploy/kubernetes";
const UNIT = "deploy/systemd/crabcache.service";
const FILES = listFiles("deploy");
const PACKAGE: Data = JSON.parse(readText("package.json"));

/** Reads configuration as the server does. @throws OptionsError for whatever is wrong with it */
async function load(text: string, env: Record<string, string> = {}): Promise<Options> {
  const { files, system } = runtimeUnderTest();
  const readOnly = { ...files, readText: () => Promise.resolve(text) };
  const loaded = await loadOptions({ args: ["the.conf"], env, files: readOnly, system });
  assert.ok(loaded.kind === "run");
  return loaded.options;
}

function manifest(name: string): Data {
  return readYaml(`${KUBERNETES}/${name}.yaml`);
}

function mebibytes(text: string): number {
  const [, number, unit] = /^(\d+)(mb|gb|g|Mi|Gi)$/.exec(text) ?? assert.fail(text);
  return Number(number) * (/^g/i.test(unit) ? 1024 : 1);
}

/** The memory of the store leaves enough for everything else, and is most of the memory there is. */
function assertInStep(maxmemory: string, limit: string): void {
  const share = mebibytes(maxmemory) / mebibytes(limit);
  assert.ok(share >= 0.5 && share <= 0.7, `${maxmemory} of ${limit}`);
}

test("every file of deploy/ parses", () => {
  for (const path of FILES) {
    if (path.endsWith(".yaml")) assert.equal(typeof readYaml(path), "object", path);
    else if (path.endsWith(".toml")) assert.equal(typeof readToml(path), "object", path);
    else if (path.endsWith(".json")) {
      assert.equal(typeof JSON.parse(readText(path)), "object", path);
    } else if (path.endsWith(".service")) assert.ok("Service" in readUnit(path), path);
    else if (path.includes("Containerfile")) assert.ok(readStages(path).length > 1, path);
    else assert.match(path, /\.(?:ts|md|conf)$/);
  }
});

test("every environment variable and option that they name is one of the server's", () => {
  let count = 0;
  for (const path of FILES) {
    for (const [, name] of readText(path).matchAll(/\bCRABCACHE_([A-Z][A-Z_]+)/g)) {
      const option = name.toLowerCase().replaceAll("_", "-");
      assert.ok(findParameter(option) ?? findDirective(option), `${path}: CRABCACHE_${name}`);
      count++;
    }
  }
  assert.ok(count > 10);
  const known = new Set(PARAMETERS.map(({ name }) => name));
  for (const [, name] of readText("deploy/README.md").matchAll(/`--([a-z-]+)/g)) {
    assert.ok(known.has(name), `README.md: --${name}`);
  }
});

test("the configuration files are good, and say the same ports", async () => {
  const texts = [
    readText("deploy/container.conf"),
    readText("deploy/systemd/crabcache.conf"),
    manifest("config").data["crabcache.conf"],
  ];
  for (const text of texts) {
    const { port, httpPort, bind, httpBind, settings } = await load(text);
    assert.deepEqual(bind, httpBind);
    assert.deepEqual([port, httpPort, settings.protectedMode], [6379, 8079, true]);
  }
});

for (const [runtime, path] of Object.entries(CONTAINER_FILES)) {
  test(`the container file of ${runtime} names what there is`, async () => {
    const stages = readStages(path);
    const last = stages.at(-1)!;
    const images = new Map([
      [`oven/bun:${PACKAGE.devDependencies.bun}-slim`, "bun"],
      [`denoland/deno:${PACKAGE.devDependencies.deno}`, "deno"],
    ]);
    for (const { image } of stages) assert.ok(images.has(image), image);
    assert.equal(images.get(last.image), runtime);
    for (const copy of stages.flatMap(copiesOf)) {
      if (copy.from !== undefined) {
        assert.ok(stages.some(({ name }) => name === copy.from), copy.from);
        continue;
      }
      for (const source of copy.sources) assert.ok(existsSync(join(ROOT, source)), source);
    }
    assert.match(instructionOf(last, "USER"), /^[1-9]\d*:[1-9]\d*$/);
    assert.equal(instructionOf(last, "EXPOSE"), "6379 8079");
    assert.equal(instructionOf(last, "STOPSIGNAL"), "SIGTERM");
    assert.match(instructionOf(last, "HEALTHCHECK"), / CMD \[.*"deploy\/health_check\.ts"\]$/);
    const [conf] = JSON.parse(instructionOf(last, "CMD"));
    const copy = copiesOf(last).find(({ target }) => target === conf);
    assert.ok((await load(readText(copy!.sources[0]))).httpPort === 8079);
    for (const name of ["ENTRYPOINT", "CMD"]) JSON.parse(instructionOf(last, name));
    for (const run of stages.flatMap((stage) => instructionsOf(stage, "RUN"))) JSON.parse(run);
  });
}

test("the container of Deno has the permissions of the start script", () => {
  const last = readStages(CONTAINER_FILES.deno).at(-1)!;
  const flags = (words: string[]): string[] => words.filter((word) => /^--allow/.test(word)).sort();
  const entry: string[] = JSON.parse(instructionOf(last, "ENTRYPOINT"));
  assert.deepEqual(flags(entry), flags(PACKAGE.scripts["start:deno"].split(" ")));
});

test("compose: builds what there is, and its parts fit together", () => {
  const { services, secrets, volumes } = readYaml("deploy/compose.yaml");
  const { build, environment, mem_limit: limit, ports, image } = services.crabcache;
  assert.equal(join("deploy", build.context), ".");
  assert.equal(build.dockerfile, CONTAINER_FILES.bun);
  assert.equal(image, `crabcache:${PACKAGE.version}`);
  assert.deepEqual(ports, ["127.0.0.1:6379:6379", "127.0.0.1:8079:8079"]);
  assertInStep(environment.CRABCACHE_MAXMEMORY, limit);
  for (const [name, service] of Object.entries<Data>(services)) {
    if (name !== "crabcache") assert.match(service.image, /^[a-z]+\/[a-z]+:v?\d+\.\d+\.\d+$/);
    for (const secret of service.secrets ?? []) assert.ok(secret in secrets, secret);
    for (const volume of service.volumes ?? []) {
      const [source] = volume.split(":");
      const isPath = source.startsWith("./");
      assert.ok(isPath ? existsSync(join(ROOT, "deploy", source)) : source in volumes, source);
    }
    for (const other of Object.keys(service.depends_on ?? {})) {
      assert.ok(Array.isArray(service.depends_on) || other in services, other);
    }
  }
});

test("Prometheus asks the server with the token of compose, Grafana asks Prometheus", () => {
  const { services, secrets } = readYaml("deploy/compose.yaml");
  const { scrape_configs: [scrape] } = readYaml("deploy/prometheus/prometheus.yaml");
  assert.equal(scrape.metrics_path, "/metrics");
  assert.deepEqual(scrape.static_configs, [{ targets: ["crabcache:8079"] }]);
  const secret = scrape.authorization.credentials_file.replace("/run/secrets/", "");
  assert.ok(services.prometheus.secrets.includes(secret));
  const variable = secrets[secret].environment;
  assert.ok(variable in services.crabcache.environment);
  assert.equal(variable, "CRABCACHE_HTTP_READONLY_TOKEN");

  const { datasources: [source] } = readYaml(
    "deploy/grafana/provisioning/datasources/prometheus.yaml",
  );
  assert.equal(source.url, "http://prometheus:9090");
  const { providers: [provider] } = readYaml(
    "deploy/grafana/provisioning/dashboards/crabcache.yaml",
  );
  const mounts: string[] = services.grafana.volumes;
  assert.ok(mounts.includes(`./grafana/dashboards:${provider.options.path}:ro`));
  const { panels } = JSON.parse(readText("deploy/grafana/dashboards/crabcache.json"));
  for (const { datasource } of panels) assert.equal(datasource.uid, source.uid);
});

test("fly.toml builds the container of Bun and asks its ports", () => {
  const { build, env, http_service: http, vm: [vm] } = readToml("deploy/fly.toml");
  assert.equal(join("deploy", build.dockerfile), CONTAINER_FILES.bun);
  assert.equal(http.internal_port, 8079);
  assertInStep(env.CRABCACHE_MAXMEMORY, vm.memory);
});

test("Kubernetes: the manifests name each other rightly", () => {
  const { resources, images: [image] } = manifest("kustomization");
  const there = FILES.filter((path) => path.startsWith(`${KUBERNETES}/`))
    .map((path) => path.slice(KUBERNETES.length + 1));
  assert.deepEqual([...resources, "kustomization.yaml"].sort(), there);
  assert.equal(image.newTag, PACKAGE.version);

  const { spec: { selector, template } } = manifest("deployment");
  const { metadata: { labels }, spec } = template;
  const [container] = spec.containers;
  assert.equal(container.image, image.name);
  for (
    const each of [
      selector.matchLabels,
      manifest("service").spec.selector,
      manifest("disruption_budget").spec.selector.matchLabels,
      manifest("network_policy").spec.podSelector.matchLabels,
    ]
  ) assert.deepEqual(each, labels);

  const ports = new Map<string, number>(
    container.ports.map((each: Data) => [each.name, each.containerPort]),
  );
  assert.deepEqual([...ports], [["resp", 6379], ["http", 8079]]);
  for (const { port, targetPort } of manifest("service").spec.ports) {
    assert.equal(ports.get(targetPort), port);
  }
  for (const { ports: open } of manifest("network_policy").spec.ingress) {
    for (const { port } of open) assert.ok(ports.has(port), port);
  }
  for (const name of ["startupProbe", "readinessProbe", "livenessProbe"]) {
    assert.equal(container[name].httpGet.port, "http", name);
  }
  const { [0]: volume } = spec.volumes;
  assert.equal(volume.configMap.name, manifest("config").metadata.name);
  const [mount] = container.volumeMounts;
  assert.equal(mount.name, volume.name);
  assert.deepEqual(
    container.args,
    Object.keys(manifest("config").data).map((file) => `${mount.mountPath}/${file}`),
  );
  const secret = manifest("secret");
  for (const { valueFrom: { secretKeyRef } } of container.env) {
    assert.equal(secretKeyRef.name, secret.metadata.name);
    assert.equal(secret.stringData[secretKeyRef.key], "", "no secret is in the repository");
  }
});

test("Kubernetes: the pod may do little, and its memory is in step with maxmemory", async () => {
  const { spec } = manifest("deployment").spec.template;
  const [container] = spec.containers;
  const last = readStages(CONTAINER_FILES.bun).at(-1)!;
  const { runAsNonRoot, runAsUser, runAsGroup } = spec.securityContext;
  assert.equal(runAsNonRoot, true);
  assert.equal(`${runAsUser}:${runAsGroup}`, instructionOf(last, "USER"));
  assert.deepEqual(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
  const text: string = manifest("config").data["crabcache.conf"];
  assertInStep(/^maxmemory (.+)$/m.exec(text)![1], container.resources.limits.memory);
  // Kubernetes sets these for a service of that name, and nobody means an option by them.
  const { port } = await load(text, { CRABCACHE_PORT: "tcp://10.0.0.7:6379" });
  assert.equal(port, 6379);
});

test("the unit is sandboxed, and lets the runtime compile", () => {
  const { Service: service } = readUnit(UNIT);
  const only = (name: string): string => {
    assert.equal(service[name]?.length, 1, name);
    return service[name][0];
  };
  assert.equal(only("Type"), "exec");
  assert.equal(only("ProtectSystem"), "strict");
  for (const name of ["NoNewPrivileges", "PrivateTmp", "DynamicUser", "PrivateDevices"]) {
    assert.equal(only(name), "yes", name);
  }
  assert.equal(only("MemoryDenyWriteExecute"), "no");
  assert.equal(only("CapabilityBoundingSet"), "");
  assert.deepEqual(service.SystemCallFilter, ["@system-service", "~@privileged"]);
  assert.match(only("RestrictAddressFamilies"), /^AF_INET AF_INET6 AF_UNIX$/);
  assert.ok(Number(only("LimitNOFILE")) > 10_000, "more than maxclients");
  for (const name of ["CPUAffinity", "Nice"]) {
    assert.ok(!(name in service));
    assert.match(readText(UNIT), new RegExp(`^#${name}=`, "m"));
  }
});
