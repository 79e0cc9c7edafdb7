/**
 * Users written down, one a line:
 *
 *   user alice on #2bd8…  ~app:* resetchannels -@all +@read
 *
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/, "External ACL file"
 */
import { UNKNOWN_NAME } from "./selector.ts";
import { hasBlank } from "./text.ts";
import { User, type UserContext } from "./user.ts";

const NOTHING_CHANGED =
  "WARNING: ACL errors detected, no change to the previously active ACL rules was performed";

/**
 * Puts the words of selectors that were split at blanks together again: "(+get", "~a*)" is one rule.
 * @returns the word whose parenthesis is never closed as `unmatched`
 */
export function mergeSelectors(
  words: readonly string[],
): { readonly rules: string[] } | { readonly unmatched: string } {
  const rules: string[] = [];
  let selector: string[] | undefined;
  for (const word of words) {
    if (selector !== undefined) selector.push(word);
    else if (word.startsWith("(") && !word.endsWith(")")) selector = [word];
    else rules.push(word);
    if (selector !== undefined && selector.length > 1 && word.endsWith(")")) {
      rules.push(selector.join(" "));
      selector = undefined;
    }
  }
  return selector === undefined ? { rules } : { unmatched: selector[0] };
}

/**
 * Reads a file of users.
 * @param text its bytes
 * @param path for messages
 * @returns the users by name, or all that is wrong with the file, in one line
 */
export function readUserFile(
  text: string,
  path: string,
  context: UserContext,
): ReadonlyMap<string, User> | string {
  const users = new Map<string, User>();
  let errors = "";
  text.split("\n").forEach((line, i) => {
    const trimmed = line.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
    if (trimmed !== "") errors += readLine(trimmed.split(" "), `${path}:${i + 1}`, users, context);
  });
  return errors === "" ? users : errors + NOTHING_CHANGED;
}

/** @returns what is wrong with the line */
function readLine(
  words: readonly string[],
  where: string,
  users: Map<string, User>,
  context: UserContext,
): string {
  const [keyword, name, ...rest] = words;
  if (keyword !== "user" || name === undefined) {
    return `${where} should start with user keyword followed by the username. `;
  }
  if (hasBlank(name)) return `'${where}: username '${name}' contains invalid characters. `;
  if (users.has(name)) {
    const line = where.slice(where.lastIndexOf(":") + 1);
    return `WARNING: Duplicate user '${name}' found on line ${line}. `;
  }
  const user = new User(name, context);
  users.set(name, user);
  const merged = mergeSelectors(rest);
  if ("unmatched" in merged) return `${where}: Unmatched parenthesis in selector definition.`;
  let errors = "";
  let hasBadRule = false;
  for (const rule of merged.rules) {
    const trimmed = rule.replace(/^[\t\r\n]+|[\t\r\n]+$/g, "");
    const problem = user.apply(trimmed);
    if (problem === UNKNOWN_NAME) {
      errors += `${where}: Error in applying operation '${trimmed}': ${problem}. `;
    } else if (problem !== "" && !hasBadRule) {
      errors += `${where}: ${problem}. `;
      hasBadRule = true;
    }
  }
  return errors;
}
