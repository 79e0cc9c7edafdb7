/**
 * The ACL categories of a command, which follow from its group and flags and what its spec adds.
 *
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 */
import type { CommandEntry } from "./spec.ts";

/** All categories, in the order in which replies list them. */
export const ACL_CATEGORIES = [
  "keyspace",
  "read",
  "write",
  "set",
  "sortedset",
  "list",
  "hash",
  "string",
  "bitmap",
  "hyperloglog",
  "geo",
  "stream",
  "pubsub",
  "admin",
  "fast",
  "slow",
  "blocking",
  "dangerous",
  "connection",
  "transaction",
  "scripting",
] as const;

/** @returns the categories without the @, in the order of `ACL_CATEGORIES` */
export function aclCategories(entry: CommandEntry): readonly string[] {
  const { spec } = entry;
  const found = new Set<string>(spec.categories ?? []);
  const has = (flag: string): boolean => (spec.flags as readonly string[]).includes(flag);
  const groupCategory = categoryOfGroup(entry);
  if (groupCategory !== undefined) found.add(groupCategory);
  if (has("write")) found.add("write");
  if (has("readonly") && !found.has("scripting")) found.add("read");
  if (has("admin")) found.add("admin").add("dangerous");
  if (has("pubsub")) found.add("pubsub");
  if (has("blocking")) found.add("blocking");
  found.add(has("fast") ? "fast" : "slow");
  return ACL_CATEGORIES.filter((category) => found.has(category));
}

/** A command that only has subcommands leaves the category to them. */
function categoryOfGroup({ spec, parent }: CommandEntry): string | undefined {
  if (spec.run === undefined) return undefined;
  switch (spec.group) {
    case "string":
    case "list":
    case "set":
    case "hash":
    case "stream":
    case "bitmap":
    case "hyperloglog":
    case "geo":
    case "connection":
      return spec.group;
    case "sorted-set":
      return "sortedset";
    case "generic": {
      // WAIT is generic, too, but has nothing to do with keys; SORT belongs to the types it sorts.
      const flags: readonly string[] = spec.flags;
      const isAboutKeys = parent !== undefined || flags.includes("write") ||
        flags.includes("readonly");
      const isOfTypes = spec.categories?.includes("set") === true;
      return isAboutKeys && !isOfTypes ? "keyspace" : undefined;
    }
    default:
      return undefined;
  }
}
