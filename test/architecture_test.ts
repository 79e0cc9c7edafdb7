// The rules of the source tree: which folder may import which, and what may not stand where.

import { test } from "node:test";
import assert from "node:assert/strict";
import { posix } from "node:path";
import { importsOf, lineAt, listFiles, readSources } from "./support/sources.ts";
import type { ImportStatement, SourceFile } from "./support/sources.ts";

interface Layer {
  /** Folders of src/ that the folder may import, besides itself. */
  folders: readonly string[];
  /** Packages that it may import by their bare names. */
  packages: readonly string[];
}

const EVERY_LOWER_LAYER = [
  "bytes",
  "ports",
  "memory",
  "structs",
  "engine",
  "commands",
  "protocol",
  "session",
  "persistence",
];

/** The layer table of ARCHITECTURE.md. The entry files src/main.ts, src/client.ts and mod.ts are layers of their own. */
const LAYERS: Readonly<Record<string, Layer>> = {
  bytes: { folders: [], packages: ["@std/bytes"] },
  ports: { folders: [], packages: [] },
  memory: { folders: ["bytes"], packages: [] },
  structs: { folders: ["bytes", "memory"], packages: [] },
  engine: { folders: ["bytes", "ports", "memory", "structs"], packages: [] },
  commands: { folders: ["bytes", "ports", "structs", "engine"], packages: ["@std/bytes"] },
  protocol: { folders: ["bytes", "ports"], packages: [] },
  session: {
    folders: ["bytes", "ports", "engine", "commands", "protocol"],
    packages: ["@std/bytes"],
  },
  persistence: { folders: ["bytes", "ports", "memory", "structs", "engine"], packages: [] },
  methods: { folders: ["bytes", "ports", "protocol"], packages: [] },
  server: { folders: [...EVERY_LOWER_LAYER, "methods"], packages: ["zod"] },
  adapters: {
    folders: ["bytes", "ports", "methods", "server", "client"],
    packages: ["hono", "node:", "uplot", "zod"],
  },
  client: { folders: ["bytes", "ports", "protocol", "methods"], packages: [] },
  "main.ts": { folders: ["adapters", "ports", "server"], packages: [] },
  "client.ts": { folders: ["ports", "protocol", "methods", "client", "adapters"], packages: [] },
  "mod.ts": {
    folders: [...EVERY_LOWER_LAYER, "methods", "server", "adapters", "client"],
    packages: [],
  },
};

/** What all adapters share; it imports none of them. */
const SHARED_ADAPTER = "common";

/** What tests use in place of a runtime. */
const ADAPTER_FOR_TESTS = "memory";

/** The package's export "./client". */
const CLIENT_ENTRY = "src/client.ts";

const MAX_LINES = 600;

const SOURCES = readSources("src", "mod.ts");

/** The layer of a file or folder: the first name below src/, or mod.ts. */
function layerOf(path: string): string {
  return path.replace(/^src\//, "").split("/")[0];
}

function adapterOf(path: string): string | undefined {
  return /^src\/adapters\/([^/]+)\//.exec(path)?.[1];
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith("./") || specifier.startsWith("../");
}

function resolve(from: SourceFile, { specifier }: ImportStatement): string {
  return posix.join(posix.dirname(from.path), specifier);
}

/** Says what is wrong with one import, or nothing. */
function complaintAbout(source: SourceFile, statement: ImportStatement): string | undefined {
  const layer = layerOf(source.path);
  const { folders, packages } = LAYERS[layer];
  if (!isRelative(statement.specifier)) {
    const allowed = packages.some((name) =>
      name.endsWith(":")
        ? statement.specifier.startsWith(name)
        : statement.specifier === name || statement.specifier.startsWith(`${name}/`)
    );
    if (allowed) return undefined;
    const hint = packages.length === 0 ? "no package" : packages.join(", ");
    return `${layer} may not import the package "${statement.specifier}" -> it may import ${hint}`;
  }
  const target = resolve(source, statement);
  if (!target.startsWith("src/")) return `import of ${target} -> import from src/ only`;
  const targetLayer = layerOf(target);
  if (targetLayer !== layer && !folders.includes(targetLayer)) {
    const hint = folders.length === 0 ? "nothing else" : folders.join(", ");
    return `${layer} may not import ${targetLayer} -> it may import ${hint}; ` +
      `take what is needed as a port (src/ports) or move it down`;
  }
  const [own, other] = [adapterOf(source.path), adapterOf(target)];
  if (own !== undefined && other !== undefined && own !== other && other !== SHARED_ADAPTER) {
    return `adapter ${own} may not import adapter ${other} -> move it to src/adapters/${SHARED_ADAPTER}`;
  }
  return undefined;
}

/** Reports every match of a pattern in the code of some files. */
function matches(
  where: (path: string) => boolean,
  pattern: RegExp,
  rule: string,
  field: "code" | "text" = "code",
): string[] {
  return SOURCES.filter(({ path }) => where(path)).flatMap((source) =>
    [...source[field].matchAll(pattern)].map((match) =>
      `${source.path}:${lineAt(source[field], match.index)}: ${match[0].trim()}: ${rule}`
    )
  );
}

function assertNone(complaints: string[]): void {
  if (complaints.length > 0) assert.fail(`\n${complaints.join("\n")}\n`);
}

/** Whether an import happens when it is come to, not when its file is loaded. */
function isDynamic(source: SourceFile, { line }: ImportStatement): boolean {
  return /\bimport\s*\(/.test(source.code.split("\n")[line - 1]);
}

/** All sources that some bring along. @param isLeftOut imports that are not followed */
function reachedFrom(
  entries: string | readonly string[],
  isLeftOut: (source: SourceFile, statement: ImportStatement) => boolean = () => false,
): Set<string> {
  const byPath = new Map(SOURCES.map((source) => [source.path, source]));
  const reached = new Set<string>();
  const waiting = typeof entries === "string" ? [entries] : [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const source = byPath.get(path);
    if (source === undefined || reached.has(path)) continue;
    reached.add(path);
    for (const statement of importsOf(source)) {
      if (!isLeftOut(source, statement)) waiting.push(resolve(source, statement));
    }
  }
  return reached;
}

const everywhere = () => true;
const outsideRuntimeFiles = (path: string) =>
  path !== "src/main.ts" && !path.startsWith("src/adapters/");
const belowTheServer = (path: string) =>
  outsideRuntimeFiles(path) && !path.startsWith("src/server/");

test("every file of src/ belongs to a layer", () => {
  assertNone(
    SOURCES.filter(({ path }) => !Object.hasOwn(LAYERS, layerOf(path))).map(({ path }) =>
      `${path}: no such layer -> put it into one of ${Object.keys(LAYERS).join(", ")}`
    ),
  );
});

test("imports go one way, along the layer table", () => {
  assertNone(
    SOURCES.filter(({ path }) => Object.hasOwn(LAYERS, layerOf(path))).flatMap((source) =>
      importsOf(source).flatMap((statement) => {
        const complaint = complaintAbout(source, statement);
        return complaint === undefined ? [] : [`${source.path}:${statement.line}: ${complaint}`];
      })
    ),
  );
});

test("relative imports name files that are there, with their .ts", () => {
  const paths = new Set(listFiles("src"));
  assertNone(
    SOURCES.flatMap((source) =>
      importsOf(source)
        .filter((statement) => isRelative(statement.specifier))
        .filter((statement) => !paths.has(resolve(source, statement)))
        .map(({ specifier, line }) => `${source.path}:${line}: no file "${specifier}"`)
    ),
  );
});

test("runtime globals stay in the adapters and in src/main.ts", () => {
  assertNone(matches(
    outsideRuntimeFiles,
    /(?<![\w$.#])(?:globalThis\s*\.\s*)?(?:Deno|Bun|process)\s*[.[]/g,
    "runtime global -> take a port of src/ports that an adapter implements",
  ));
});

test("clocks and randomness come through ports below the server", () => {
  assertNone(matches(
    belowTheServer,
    /\b(?:Date\s*\.\s*now|performance\s*\.\s*now|new\s+Date)\s*\(\s*\)/g,
    "reads the clock -> take a Clock (src/ports/clock.ts)",
  ));
  assertNone(matches(
    belowTheServer,
    /\b(?:Math\s*\.\s*random|crypto\s*\.\s*(?:getRandomValues|randomUUID))\s*\(/g,
    "draws at random -> take a Random (src/ports/random.ts)",
  ));
});

test("exports are named", () => {
  assertNone(matches(everywhere, /\bexport\s+default\b/g, "default export -> export a name"));
  assertNone(matches(everywhere, /\bexport\s+\*/g, "export of everything -> export each name"));
});

test("no reminder is left over", () => {
  assertNone(matches(everywhere, /\b(?:FIXME|TODO|XXX)\b/g, "left over -> do it", "text"));
});

test("file names are snake_case", () => {
  assertNone(
    readSources("src", "test", "bench").map(({ path }) => path)
      .filter((path) => !/^(?:[a-z][a-z0-9_]*\/)+[a-z][a-z0-9_]*\.tsx?$/.test(path))
      .map((path) => `${path}: not in snake_case -> rename it`),
  );
});

test(`no file is longer than ${MAX_LINES} lines, unless its first line says that it is generated`, () => {
  assertNone(
    [...SOURCES, ...readSources("test", "bench")].flatMap(({ path, text }) => {
      const lines = text.trimEnd().split("\n");
      if (lines.length <= MAX_LINES || /\bgenerated\b/i.test(lines[0])) return [];
      return [`${path}: ${lines.length} lines -> split it into files of at most ${MAX_LINES}`];
    }),
  );
});

test("the client by itself brings neither the engine nor a package along", () => {
  const found = reachedFrom(CLIENT_ENTRY);
  const layers = new Set([...found].map(layerOf));
  for (const layer of ["memory", "structs", "engine", "commands", "session", "server"]) {
    assert.ok(!layers.has(layer), `${CLIENT_ENTRY} reaches src/${layer}`);
  }
  assert.ok(layers.has("client") && layers.has("methods"));
  assertNone(
    SOURCES.filter(({ path }) => found.has(path)).flatMap((source) =>
      importsOf(source)
        .filter(({ specifier }) => !isRelative(specifier) && !specifier.startsWith("node:"))
        .map(({ specifier, line }) => `${source.path}:${line}: package "${specifier}"`)
    ),
  );
});

test("until it connects a socket, the client imports nothing of a runtime", () => {
  const atOnce = reachedFrom(CLIENT_ENTRY, isDynamic);
  assert.ok(atOnce.has("src/client/http_sender.ts"));
  assertNone([...atOnce].filter((path) => adapterOf(path) !== undefined));
  assertNone(
    SOURCES.filter(({ path }) => atOnce.has(path)).flatMap((source) =>
      importsOf(source).filter(({ specifier }) => specifier.startsWith("node:"))
        .map(({ specifier, line }) => `${source.path}:${line}: ${specifier}`)
    ),
  );
});

test("every source file is reached from an entry file, an adapter for tests from a test", () => {
  const ofTests = readSources("test").flatMap((source) =>
    importsOf(source).filter(({ specifier }) => isRelative(specifier))
      .map((statement) => resolve(source, statement))
      .filter((path) => adapterOf(path) === ADAPTER_FOR_TESTS)
  );
  const reached = reachedFrom(["src/main.ts", "mod.ts", CLIENT_ENTRY, ...ofTests]);
  assertNone(
    SOURCES.filter(({ path }) => !reached.has(path))
      .map(({ path }) => `${path}: dead file -> import it from where it is needed, or delete it`),
  );
});
