/** A table for people of what the arenas hold: pages in all, and per block size. */
import type { Arena } from "../memory/arena.ts";
import {
  BLOCKS_PER_PAGE,
  CLASS_COUNT,
  CLASS_SIZES,
  MOVABLE_CLASSES,
  PAGE_BYTES,
} from "../memory/size_classes.ts";
import type { Keyspace } from "./keyspace.ts";

const COLUMN_WIDTH = 13;

/**
 * Describes the memory of a keyspace. Reads one entry per page: 16,384 of them per GiB.
 *
 * @returns lines, each ended by a line feed
 */
export function allocatorReport(keyspace: Keyspace): string {
  const { account, arenas } = keyspace;
  const lines = [
    "___ Begin arena statistics ___",
    `Arenas: ${arenas.length}, pages of ${PAGE_BYTES} bytes`,
    `In use: ${account.liveBytes} bytes in blocks, ${account.pageBytes} bytes in pages` +
    ` (peak ${account.peakPageBytes})`,
    ...arenas.map((arena, i) =>
      `Arena ${i}: ${arena.usedPages} pages in use, ${arena.freePages} free`
    ),
    "",
    row(["blocks", "block bytes", "pages", "blocks used", "blocks free", "used percent"]),
    ...classRows(arenas),
    "___ End arena statistics ___",
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function row(cells: readonly (string | number)[]): string {
  return cells.map((cell) => String(cell).padStart(COLUMN_WIDTH)).join("");
}

function classRows(arenas: readonly Arena[]): string[] {
  const pages = new Float64Array(CLASS_COUNT);
  const used = new Float64Array(CLASS_COUNT);
  for (const arena of arenas) {
    for (let page = 1; page < arena.pagesEnd; page++) {
      const sizeClass = arena.pageClass[page];
      if (sizeClass >= CLASS_COUNT) continue;
      pages[sizeClass]++;
      used[sizeClass] += arena.pageUsed[page];
    }
  }
  const rows: string[] = [];
  for (let i = 0; i < CLASS_COUNT; i++) {
    if (pages[i] === 0) continue;
    const blocks = pages[i] * BLOCKS_PER_PAGE[i];
    const percent = (used[i] / blocks * 100).toFixed(1);
    const kind = i < MOVABLE_CLASSES ? "movable" : "pinned";
    rows.push(row([kind, CLASS_SIZES[i], pages[i], used[i], blocks - used[i], percent]));
  }
  return rows;
}
