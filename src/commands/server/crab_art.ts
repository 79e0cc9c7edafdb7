/**
 * Crabs in ASCII, each drawn from a number: the same number always gives the same crab.
 *
 *           __                      /\/\       claws: of any two styles, the right one mirrored
 *          (  \   .-------------.   \  /
 *           \_ \ /     ^   ^     \  / /
 *             \_\|   . '   ' .   |_/ /        shell: a pattern mirrored at its middle
 *                |. ' .*:*:*. ' .|--'
 *                \     \_v_/     /
 *              / /'-------------'\ \          legs
 *             / / /             \ \ \
 *   .,.._...~..*..~..~.,*,._.,......~_..,.    beach
 */

const CLAW_WIDTH = 7;
const MIN_SHELL_WIDTH = 11;
/** Shell widths are odd, so that there is a middle. */
const SHELL_WIDTH_STEPS = 5;
const BEACH_MARGIN = 6;

/** Left claws, as many rows as the shell, each as wide as CLAW_WIDTH. */
const CLAWS: readonly (readonly string[])[] = [
  ["  __   ", " (  \\  ", "  \\_ \\ ", "    \\_\\", "       ", "       "],
  [" /\\/\\  ", " \\  /  ", "  \\ \\  ", "   \\ \\_", "    '--", "       "],
  ["       ", "  _  _ ", " ( \\/ )", "  \\  / ", "   \\ \\_", "    '--"],
  [" _/\\   ", "(__ \\  ", "   \\ \\ ", "    \\ \\", "     '-", "       "],
];
const EYES = ["o", "O", "@", "0", "^", "-"] as const;
const MOUTHS = ["\\___/", "~~~~~", "-----", "'---'", " .o. ", "\\_v_/"] as const;
const SHELL_MARKS = [" ", " ", " ", " ", " ", " ", ".", ":", "*", "'", "o", "~"] as const;
const BEACH_MARKS = [".", ".", ".", ".", ".", ".", ".", ".", ",", "_", "~", "*"] as const;
const FIRST_SYLLABLES = ["Kra", "Pin", "Scu", "Mo", "Sha", "Lu", "Bri", "Ti", "Nau", "Co"] as const;
const LAST_SYLLABLES = [
  "bby",
  "cho",
  "ttle",
  "lla",
  "rk",
  "dle",
  "nka",
  "zu",
  "ster",
  "ral",
] as const;
const MIRRORED: Readonly<Record<string, string>> = {
  "/": "\\",
  "\\": "/",
  "(": ")",
  ")": "(",
};

/** A sequence of numbers that the seed determines. Source: mulberry32, by Tommy Ettinger. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A whole number, 0 ≤ n < `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)];
  }
}

/** The text as a mirror shows it. */
function mirror(text: string): string {
  return [...text].reverse().map((character) => MIRRORED[character] ?? character).join("");
}

/** `text` in the middle of `width` columns. */
function centre(text: string, width: number): string {
  const left = (width - text.length) >> 1;
  return " ".repeat(left) + text + " ".repeat(width - text.length - left);
}

/** One row of the shell's pattern, the same from both sides. */
function pattern(dice: Dice, width: number): string {
  let half = "";
  for (let i = 0; i < width >> 1; i++) half += dice.pick(SHELL_MARKS);
  return half + dice.pick(SHELL_MARKS) + mirror(half);
}

/** Six rows, each two columns wider than `width`; the first is empty. */
function shell(dice: Dice, width: number): string[] {
  const eye = dice.pick(EYES);
  const gap = 1 + 2 * dice.below(3);
  return [
    " ".repeat(width + 2),
    ` .${"-".repeat(width - 2)}. `,
    `/${centre(eye + " ".repeat(gap) + eye, width)}\\`,
    `|${pattern(dice, width)}|`,
    `|${pattern(dice, width)}|`,
    `\\${centre(dice.pick(MOUTHS), width)}/`,
  ];
}

/** Two rows that end the shell and stand on the beach. */
function legs(width: number): string[] {
  const margin = " ".repeat(CLAW_WIDTH - 3);
  return [
    `${margin} / /'${"-".repeat(width - 2)}'\\ \\`,
    `${margin}/ / /${" ".repeat(width - 2)}\\ \\ \\`,
  ];
}

function beach(dice: Dice, width: number): string {
  let sand = "";
  for (let i = 0; i < width; i++) sand += dice.pick(BEACH_MARKS);
  return sand;
}

/**
 * Draws a crab.
 *
 * @param seed a 32-bit integer
 * @returns lines of ASCII, each ended by a line feed
 */
export function drawCrab(seed: number): string {
  const dice = new Dice(seed);
  const width = MIN_SHELL_WIDTH + 2 * dice.below(SHELL_WIDTH_STEPS);
  const left = dice.pick(CLAWS);
  const right = dice.pick(CLAWS);
  const body = shell(dice, width);
  const margin = " ".repeat(BEACH_MARGIN);
  const rows = body.map((row, i) => margin + left[i] + row + mirror(right[i]));
  for (const row of legs(width)) rows.push(margin + row);
  rows.push(beach(dice, 2 * BEACH_MARGIN + 2 * CLAW_WIDTH + width + 2));
  const name = dice.pick(FIRST_SYLLABLES) + dice.pick(LAST_SYLLABLES);
  rows.push("", `${name} walks sideways and remembers everything that fits under the shell.`);
  return rows.map((row) => `${row.trimEnd()}\n`).join("");
}
