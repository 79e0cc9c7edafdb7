/**
 * A graph of values as lines of text, 12 steps high in 4 rows, with a label written downwards under each.
 *
 * Source: Redis's src/sparkline.c, with its filled character set.
 */
const ROWS = 4;
const COLUMNS = 80;
/** A row's own steps; what reaches above it is a bar. */
const STEPS = ["_", "o", "#"] as const;
const BAR = "|";

export interface GraphValue {
  readonly value: number;
  readonly label: string;
}

/** @returns lines, each with its line feed; of more than 80 values several graphs below each other */
export function sparkline(values: readonly GraphValue[]): string {
  const graphs: string[] = [];
  const numbers = values.map(({ value }) => value);
  const low = Math.min(...numbers);
  const range = Math.max(...numbers) - low || 1;
  for (let from = 0; from < values.length; from += COLUMNS) {
    graphs.push(graphOf(values.slice(from, from + COLUMNS), low, range));
  }
  return graphs.join("\n");
}

function graphOf(values: readonly GraphValue[], low: number, range: number): string {
  const top = ROWS * STEPS.length;
  const heights = values.map(({ value }) =>
    Math.min(top - 1, Math.trunc(Math.trunc((value - low) * top) / range))
  );
  let text = "";
  for (let row = 0; row < ROWS; row++) {
    const base = (ROWS - row - 1) * STEPS.length;
    text += heights.map((height) => {
      if (height < base) return " ";
      return STEPS[height - base] ?? BAR;
    }).join("") + "\n";
  }
  text += " ".repeat(values.length) + "\n";
  const longest = Math.max(...values.map(({ label }) => label.length));
  for (let at = 0; at < longest; at++) {
    text += values.map(({ label }) => label[at] ?? " ").join("") + "\n";
  }
  return text;
}
