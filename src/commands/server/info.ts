/** INFO. */
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";
import {
  clusterSection,
  keyspaceSection,
  modulesSection,
  persistenceSection,
  replicationSection,
} from "./info_data.ts";
import { clientsSection, cpuSection, memorySection, serverSection } from "./info_server.ts";
import {
  commandStatsSection,
  errorStatsSection,
  latencyStatsSection,
  statsSection,
} from "./info_stats.ts";

interface Section {
  readonly title: string;
  /** Whether it is shown when no section is asked for. */
  readonly isDefault: boolean;
  readonly lines: (call: Call) => string[];
}

/** In the order in which they are shown. A section is asked for by its title, in any case. */
const SECTIONS: readonly Section[] = [
  { title: "Server", isDefault: true, lines: serverSection },
  { title: "Clients", isDefault: true, lines: clientsSection },
  { title: "Memory", isDefault: true, lines: memorySection },
  { title: "Persistence", isDefault: true, lines: persistenceSection },
  { title: "Stats", isDefault: true, lines: statsSection },
  { title: "Replication", isDefault: true, lines: replicationSection },
  { title: "CPU", isDefault: true, lines: cpuSection },
  { title: "Modules", isDefault: true, lines: modulesSection },
  { title: "Commandstats", isDefault: false, lines: commandStatsSection },
  { title: "Errorstats", isDefault: true, lines: errorStatsSection },
  { title: "Latencystats", isDefault: false, lines: latencyStatsSection },
  { title: "Cluster", isDefault: true, lines: clusterSection },
  { title: "Keyspace", isDefault: true, lines: keyspaceSection },
];

/** Names of the sections that the arguments ask for; unknown names ask for nothing. */
function wantedSections(call: Call): Set<string> {
  const wanted = new Set<string>();
  const add = (isWanted: (section: Section) => boolean): void => {
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
    for (const { title, lines } of SECTIONS) {
      if (!wanted.has(title.toLowerCase())) continue;
      blocks.push(`# ${title}\r\n${lines(call).map((line) => `${line}\r\n`).join("")}`);
    }
    reply.verbatim("txt", blocks.join("\r\n"));
  },
} as const satisfies CommandSpec;
