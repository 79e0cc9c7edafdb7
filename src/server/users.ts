/** Makes the users of a server from its options. */
import { CommandSets } from "../commands/acl/command_sets.ts";
import { decodeText, encodeText, hasBlank } from "../commands/acl/text.ts";
import { mergeSelectors } from "../commands/acl/user_lines.ts";
import { Users } from "../commands/acl/users.ts";
import type { CommandRegistry } from "../commands/registry.ts";
import type { Clock } from "../ports/clock.ts";
import type { Cryptography } from "../ports/cryptography.ts";
import type { FileStore } from "../ports/file_store.ts";
import type { Log } from "../ports/log.ts";
import type { Settings } from "../ports/settings.ts";
import type { ConfiguredUsers } from "./config_rewrite.ts";
import { type Options, OptionsError } from "./options_types.ts";

const NO_USERS: Pick<Options, "aclfile" | "users"> = { aclfile: "", users: [] };

const BOTH_SOURCES =
  "Configuring Redis with users defined in redis.conf and at the same setting an ACL file path is " +
  "invalid. This setup is very likely to lead to configuration errors and security holes, please " +
  "define either an ACL file or declare users directly in your redis.conf, but not both.";

export interface UsersSources {
  readonly options: Pick<Options, "aclfile" | "users">;
  readonly settings: Settings;
  readonly registry: CommandRegistry;
  readonly clock: Clock;
  readonly cryptography: Cryptography;
  readonly files: FileStore;
  readonly log: Log;
}

/**
 * Makes them; the file of users is not read yet.
 * @throws OptionsError when the options describe a user that cannot be
 */
export function createUsers(sources: UsersSources): Users {
  const { options, settings, registry, clock, cryptography, files, log } = sources;
  const users = new Users({
    commands: new CommandSets(registry),
    registry,
    settings,
    clock,
    cryptography,
    files,
    aclFile: options.aclfile,
    log: (line) => log(line, "warning"),
    allChannelsByDefault: () => settings.aclPubsubDefault === "allchannels",
  });
  if (options.aclfile !== "" && options.users.length > 0) throw new OptionsError(BOTH_SOURCES);
  for (const words of options.users) {
    const problem = addUser(users, words.map(encodeText));
    if (problem !== "") throw new OptionsError(problem);
    const user = users.find(encodeText(words[0]));
    if (user?.isEnabled === false) {
      log(
        `The user '${words[0]}' is disabled (there is no 'on' modifier in the user description). ` +
          "Make sure this is not a configuration error.",
      );
    }
  }
  return users;
}

/** The users that CONFIG REWRITE writes: all that the options do not make by themselves. */
export function configuredUsers(sources: UsersSources, users: Users): ConfiguredUsers {
  const linesOf = ({ settings, users }: Options): string[] => {
    const given = { aclfile: "", users };
    return ownLines(createUsers({ ...sources, settings, options: given, log: () => {} }), sources);
  };
  return {
    lines: () => sources.options.aclfile === "" ? ownLines(users, sources) : undefined,
    linesOf,
  };
}

/** @returns lines without the word "user", and without the default user where it is as made at first */
function ownLines(users: Users, sources: UsersSources): string[] {
  const { settings } = users.context;
  const plain = createUsers({ ...sources, settings, options: NO_USERS, log: () => {} });
  return users.all()
    .filter((user) => user !== users.default || user.description !== plain.default.description)
    .map(({ rawName, description }) => {
      const line = `${rawName} ${description}`;
      const text = decodeText(line);
      if (encodeText(text) !== line) throw new Error(`user ${text} is not valid UTF-8`);
      return text;
    });
}

/** @returns what is wrong */
function addUser(users: Users, [name, ...words]: readonly string[]): string {
  if (hasBlank(name)) return "Spaces not allowed in ACL usernames";
  const merged = mergeSelectors(words);
  if ("unmatched" in merged) {
    return `Unmatched parenthesis in acl selector starting at '${merged.unmatched}'.`;
  }
  const failure = users.change(name, ["reset", ...merged.rules]);
  if (failure === undefined) return "";
  const shown = /^[><#!]/.test(failure.rule) ? `${failure.rule[0]}***` : failure.rule;
  return `Error loading ACL rule '${shown}' for the user named '${name}': ${failure.problem}`;
}
