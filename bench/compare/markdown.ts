/** Pieces of the page. */

/** A picture in both themes; `path` is without its ending. */
export function markdownImage(alt: string, path: string): string {
  return [
    "<picture>",
    `  <source media="(prefers-color-scheme: dark)" srcset="${path}-dark.svg">`,
    `  <img alt="${alt.replace(/"/g, "&quot;")}" src="${path}.svg">`,
    "</picture>",
  ].join("\n");
}

const WIDTH = 100;

/** Breaks a paragraph into lines. @param indent goes in front of all lines but the first */
export function wrap(text: string, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent + word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}

/** E.g. "a, b and c". */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
