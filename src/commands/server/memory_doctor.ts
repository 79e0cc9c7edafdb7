/** The report of MEMORY DOCTOR: what looks wrong in the figures, and what helps. */
import { humanBytes } from "./info_text.ts";

const MB = 1024 * 1024;
/** Below this nothing can be told from the figures. */
const LEAST_USED_BYTES = 5 * MB;
const PEAK_RATIO = 1.5;
const RESIDENT_RATIO = 1.4;
const LEAST_RESIDENT_EXCESS_BYTES = 64 * MB;
const MEAN_CLIENT_BUFFER_BYTES = 200 * 1024;
const FULL_SHARE = 0.95;

/** What the report looks at; sizes in bytes. */
export interface MemoryFigures {
  readonly usedBytes: number;
  readonly peakBytes: number;
  /** 0 = no limit. */
  readonly maxmemory: number;
  readonly residentBytes: number;
  readonly totalMemoryBytes: number;
  readonly evictionPolicy: string;
  readonly clientCount: number;
  readonly clientBufferBytes: number;
}

/**
 * Looks for what is known to go wrong.
 * @returns sentences for people, ending with a line break
 */
export function memoryReport(figures: MemoryFigures): string {
  if (figures.usedBytes < LEAST_USED_BYTES) {
    return "The tide is out: this instance holds next to nothing, so there is nothing to tell " +
      "from its memory yet. Put some data in and ask again.\n";
  }
  const findings = [
    ...residentFindings(figures),
    ...limitFindings(figures),
    ...clientFindings(figures),
  ];
  if (findings.length === 0) return "No memory problem found. This shell fits.\n";
  return "Found in the memory of this instance:\n\n" +
    findings.map((finding) => ` * ${finding}\n`).join("\n");
}

function residentFindings(figures: MemoryFigures): string[] {
  const { usedBytes, peakBytes, residentBytes } = figures;
  const findings: string[] = [];
  if (peakBytes / usedBytes > PEAK_RATIO) {
    findings.push(
      `Peak: the data once took ${humanBytes(peakBytes)} and takes ${humanBytes(usedBytes)} now. ` +
        "Memory that was touched stays with the process and is used again as soon as the data " +
        "grows, so a larger resident size than needed is to be expected and harmless.",
    );
  } else if (
    residentBytes / usedBytes > RESIDENT_RATIO &&
    residentBytes - usedBytes > LEAST_RESIDENT_EXCESS_BYTES
  ) {
    findings.push(
      `Resident size: the process holds ${humanBytes(residentBytes)} for ` +
        `${humanBytes(usedBytes)} of data. Besides what the runtime itself needs, buffers of ` +
        "clients are the usual cause: look at qbuf, omem and tot-mem in CLIENT LIST.",
    );
  }
  return findings;
}

function limitFindings(figures: MemoryFigures): string[] {
  const { usedBytes, maxmemory, totalMemoryBytes, evictionPolicy } = figures;
  const findings: string[] = [];
  if (maxmemory > totalMemoryBytes) {
    findings.push(
      `Limit: maxmemory is ${humanBytes(maxmemory)}, and the machine grants ` +
        `${humanBytes(totalMemoryBytes)} in all. Lower maxmemory before the system runs out.`,
    );
  }
  if (maxmemory > 0 && usedBytes > maxmemory * FULL_SHARE && evictionPolicy === "noeviction") {
    findings.push(
      `Full: ${humanBytes(usedBytes)} of ${humanBytes(maxmemory)} are used and the policy is ` +
        "noeviction, so writes fail, or soon will. Raise maxmemory, or choose a maxmemory-policy " +
        "that evicts.",
    );
  }
  return findings;
}

function clientFindings(figures: MemoryFigures): string[] {
  const { clientCount, clientBufferBytes } = figures;
  if (clientCount === 0 || clientBufferBytes / clientCount <= MEAN_CLIENT_BUFFER_BYTES) return [];
  return [
    `Clients: the buffers of ${clientCount} clients take ${humanBytes(clientBufferBytes)}, over ` +
    `${humanBytes(MEAN_CLIENT_BUFFER_BYTES)} each. Some of them read more slowly than they ask, ` +
    "or send very long pipelines: CLIENT LIST shows which.",
  ];
}
