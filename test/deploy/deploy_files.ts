/** Reads the files of deploy/: container files, the service unit, YAML and TOML. */
import assert from "node:assert/strict";
import { parse as parseToml } from "smol-toml";
import { parseAllDocuments } from "yaml";
import { readText } from "../support/sources.ts";

/** Whatever a file of YAML, TOML or JSON holds. */
// deno-lint-ignore no-explicit-any -- a test says what it expects to find
export type Data = any;

export const CONTAINER_FILES = {
  bun: "deploy/Containerfile.bun",
  deno: "deploy/Containerfile.deno",
} as const;

/** Reads the only document of a YAML file. */
export function readYaml(path: string): Data {
  const documents = parseAllDocuments(readText(path), { strict: true, uniqueKeys: true });
  assert.ok(Array.isArray(documents) && documents.length === 1, path);
  const [document] = documents;
  assert.deepEqual([...document.errors, ...document.warnings], [], path);
  return document.toJS();
}

export function readToml(path: string): Data {
  return parseToml(readText(path));
}

/** One instruction of a container file. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** A stage, from its FROM on. */
export interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

/** Reads a container file; continued lines are joined. */
export function readStages(path: string): Stage[] {
  const lines = readText(path).replace(/\\\n/g, " ").split("\n")
    .map((line) => line.trim().replace(/\s+/g, " "))
    .filter((line) => line !== "" && !line.startsWith("#"));
  const stages: { image: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name, text] = /^([A-Z]+) (.+)$/.exec(line) ?? assert.fail(`${path}: ${line}`);
    if (name === "FROM") {
      const [, image, stage] = /^(\S+)(?: AS (\w+))?$/.exec(text) ?? assert.fail(line);
      stages.push({ image, name: stage, instructions: [] });
    } else {
      assert.ok(KNOWN.has(name), `${path}: ${name}`);
      (stages.at(-1) ?? assert.fail(`${path}: ${line} before FROM`)).instructions
        .push({ name, text });
    }
  }
  return stages;
}

const KNOWN = new Set([
  ...["CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "RUN", "STOPSIGNAL", "USER"],
  "WORKDIR",
]);

/** The texts of all instructions of a name. */
export function instructionsOf(stage: Stage, name: string): string[] {
  return stage.instructions.filter((each) => each.name === name).map((each) => each.text);
}

/** What the only instruction of a name says. */
export function instructionOf(stage: Stage, name: string): string {
  const found = instructionsOf(stage, name);
  assert.equal(found.length, 1, `${name}: ${found}`);
  return found[0];
}

/** What COPY says. */
export interface Copy {
  /** The stage that it copies from, undefined = the repository. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

export function copiesOf(stage: Stage): Copy[] {
  return instructionsOf(stage, "COPY").map((text) => {
    const words = text.split(" ");
    const from = words[0].startsWith("--from=") ? words.shift()!.slice(7) : undefined;
    return { from, sources: words.slice(0, -1), target: words.at(-1)! };
  });
}

/** A service unit: what each name is given, in order, by section. */
export type Unit = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export function readUnit(path: string): Unit {
  const unit: Record<string, Record<string, string[]>> = {};
  let section: Record<string, string[]> | undefined;
  for (const line of readText(path).split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const header = /^\[(\w+)\]$/.exec(line);
    if (header !== null) {
      section = unit[header[1]] = {};
      continue;
    }
    const [, name, value] = /^([A-Z]\w+)=(.*)$/.exec(line) ?? assert.fail(`${path}: ${line}`);
    assert.ok(section !== undefined, `${path}: ${line} before a section`);
    (section[name] ??= []).push(value);
  }
  return unit;
}
