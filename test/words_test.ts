// What the repository's files say: nothing of the machine they were written on, no address of a registry.

import { test } from "node:test";
import assert from "node:assert/strict";
import { lineAt, listFiles, readText } from "./support/sources.ts";

const TEXT_FILE =
  /(?:\.(?:tsx?|mjs|js|json|md|toml|lock|yml|yaml|sh|txt|html|css)|^LICENSE|^\.\w+|^\.ci\/run)$/;

/** This file names what it forbids. */
const SELF = "test/words_test.ts";

/** Patterns that no file may match, each with what to write in their place. */
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w.~-])\/(?:home|root|work|Users)\/[\w.-]+/g, "a path from the repository's root"],
  [
    /\b(?:registry\.npmjs\.org|registry\.yarnpkg\.com|npm\.jsr\.io|deb\.debian\.org)\b/g,
    "the package's name",
  ],
  [/"resolved":\s*"https?:[^"]*"/g, 'nothing: .npmrc leaves "resolved" out'],
];

test("no file names a path of one machine or the address of a registry", () => {
  const complaints = listFiles("")
    .filter((path) => TEXT_FILE.test(path) && path !== SELF)
    .flatMap((path) => {
      const text = readText(path);
      return FORBIDDEN.flatMap(([pattern, instead]) =>
        [...text.matchAll(pattern)].map((match) =>
          `${path}:${lineAt(text, match.index)}: ${match[0]} -> write ${instead}`
        )
      );
    });
  if (complaints.length > 0) assert.fail(`\n${complaints.join("\n")}\n`);
});

test("both lock files are there, and package.json, deno.json and they agree on every version", () => {
  const { dependencies, devDependencies } = JSON.parse(readText("package.json"));
  const pinned: Record<string, string> = { ...dependencies, ...devDependencies };
  const npm = JSON.parse(readText("package-lock.json")).packages;
  const deno = JSON.parse(readText("deno.lock")).specifiers;
  for (const [name, version] of Object.entries(pinned)) {
    assert.match(version, /^\d+\.\d+\.\d+$/, `package.json: ${name} is not pinned`);
    assert.equal(npm[`node_modules/${name}`]?.version, version, `package-lock.json: ${name}`);
    assert.equal(deno[`npm:${name}@${version}`], version, `deno.lock: ${name}`);
  }
  const imports: Record<string, string> = JSON.parse(readText("deno.json")).imports;
  for (const target of Object.values(imports)) {
    const found = /^npm:((?:@[^/]+\/)?[^@/]+)@([^/]+)/.exec(target);
    if (found) assert.equal(found[2], pinned[found[1]], `deno.json: ${target}`);
  }
});
