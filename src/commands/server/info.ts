/** INFO. */
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";
import { linesOf } from "./figures.ts";
import { SECTIONS } from "./metrics.ts";

/** Names of the sections that the arguments ask for; unknown names ask for nothing. */
function wantedSections(call: Call): Set<string> {
  const wanted = new Set<string>();
  const add = (isWanted: (section: typeof SECTIONS[number]) => boolean): void => {
    for (const section of SECTIONS) {
      if (isWanted(section)) wanted.add(section.title.toLowerCase());
    }
  };
  if (call.argc === 1) add((section) => section.isDefault);
  for (let i = 1; i < call.argc; i++) {
    const name = call.keyword(i);
    if (name === "default") add((section) => section.isDefault);
    else if (name === "all" || name === "everything") add(() => true);
    else wanted.add(name);
  }
  return wanted;
}

export const INFO = {
  name: "info",
  arity: -1,
  flags: ["loading", "stale"],
  categories: ["dangerous"],
  since: "1.0.0",
  group: "server",
  complexity: "O(1)",
  summary: "Returns information and statistics about the server.",
  syntax: "[section [section ...]]",
  history: [["7.0.0", "Added support for taking multiple section arguments."]],
  run(call, reply) {
    const wanted = wantedSections(call);
    const blocks: string[] = [];
    for (const { title, figures } of SECTIONS) {
      if (!wanted.has(title.toLowerCase())) continue;
      const lines = linesOf(figures(call)).map((line) => `${line}\r\n`);
      blocks.push(`# ${title}\r\n${lines.join("")}`);
    }
    reply.verbatim("txt", blocks.join("\r\n"));
  },
} as const satisfies CommandSpec;
