/** The commands as access rules see them: by their original names and by category, as ids. */
import { ACL_CATEGORIES, aclCategories } from "../acl_categories.ts";
import type { CommandRegistry } from "../registry.ts";
import type { CommandEntry } from "../spec.ts";
import { lowerCase } from "./text.ts";

export class CommandSets {
  readonly entries: readonly CommandEntry[];
  readonly #byName = new Map<string, CommandEntry>();
  /** Ids of the commands of a category, by its name. */
  readonly #byCategory = new Map<string, readonly CommandEntry[]>();

  constructor({ entries }: Pick<CommandRegistry, "entries">) {
    this.entries = entries;
    for (const entry of entries) this.#byName.set(entry.fullName, entry);
    const members = new Map<string, CommandEntry[]>(ACL_CATEGORIES.map((name) => [name, []]));
    for (const entry of entries) {
      for (const category of aclCategories(entry)) members.get(category)?.push(entry);
    }
    for (const [name, those] of members) this.#byCategory.set(name, those);
  }

  /** @param name in any case, "config|get" for a subcommand; renamed commands by the old one */
  find(name: string): CommandEntry | undefined {
    return this.#byName.get(lowerCase(name));
  }

  /** @param name in any case, without the @ @returns undefined where there is no such category */
  category(name: string): readonly CommandEntry[] | undefined {
    return this.#byCategory.get(lowerCase(name));
  }
}
