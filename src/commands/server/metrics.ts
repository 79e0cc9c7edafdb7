/**
 * All figures of a server in one place: INFO writes them as text, `collectMetrics` gives them as an
 * object to whoever shows them otherwise.
 */
import { type Figures, type Observed, plain, type PlainFigures } from "./figures.ts";
import {
  clusterFigures,
  keyspaceFigures,
  modulesFigures,
  persistenceFigures,
  replicationFigures,
} from "./info_data.ts";
import { memoryFigures } from "./info_memory.ts";
import { clientsFigures, cpuFigures, serverFigures } from "./info_server.ts";
import {
  commandStatsFigures,
  errorStatsFigures,
  latencyStatsFigures,
  statsFigures,
} from "./info_stats.ts";

/** A section of INFO. */
export interface Section {
  readonly title: string;
  /** Whether it is shown when no section is asked for. */
  readonly isDefault: boolean;
  readonly figures: (observed: Observed) => Figures;
}

/** In the order in which they are shown. A section is asked for by its title, in any case. */
export const SECTIONS: readonly Section[] = [
  { title: "Server", isDefault: true, figures: serverFigures },
  { title: "Clients", isDefault: true, figures: clientsFigures },
  { title: "Memory", isDefault: true, figures: memoryFigures },
  { title: "Persistence", isDefault: true, figures: persistenceFigures },
  { title: "Stats", isDefault: true, figures: statsFigures },
  { title: "Replication", isDefault: true, figures: replicationFigures },
  { title: "CPU", isDefault: true, figures: cpuFigures },
  { title: "Modules", isDefault: true, figures: modulesFigures },
  { title: "Commandstats", isDefault: false, figures: commandStatsFigures },
  { title: "Errorstats", isDefault: true, figures: errorStatsFigures },
  { title: "Latencystats", isDefault: false, figures: latencyStatsFigures },
  { title: "Cluster", isDefault: true, figures: clusterFigures },
  { title: "Keyspace", isDefault: true, figures: keyspaceFigures },
];

/**
 * Collects the figures of all sections.
 * @returns by section, its title in lower case, then by the name that INFO gives them
 */
export function collectMetrics(observed: Observed): Readonly<Record<string, PlainFigures>> {
  return Object.fromEntries(
    SECTIONS.map(({ title, figures }) => [title.toLowerCase(), plain(figures(observed))]),
  );
}
