/** The parameters of access control, and the directives that may be given several times. */
import * as kinds from "./options_kinds.ts";
import { inOptions, inSettings, type Parameter, parameter } from "./options_parameter.ts";
import type { Options } from "./options_types.ts";

const MAX_PATH_BYTES = 4095;
const MAX_DELAY_MS = 10_000;
const WRONG_COUNT = "wrong number of arguments";
const DUPLICATE_USER = "Duplicate user found. A user can only be defined once in config files";

/** @param clients heading of what concerns clients */
export function accessParameters(clients: string): readonly Parameter[] {
  return [
    parameter({
      name: "aclfile",
      group: clients,
      summary: "File of users, one a line, which ACL LOAD reads and ACL SAVE writes",
      kind: kinds.text({
        placeholder: "PATH",
        allowed: `a path of at most ${MAX_PATH_BYTES} bytes`,
        maxBytes: MAX_PATH_BYTES,
      }),
      place: inOptions("aclfile"),
      fallback: "",
      shownDefault: "none",
      isMutable: false,
    }),
    parameter({
      name: "acl-pubsub-default",
      group: clients,
      summary: "Whether new users may use all channels",
      kind: kinds.oneOf(["allchannels", "resetchannels"], "allchannels|resetchannels"),
      place: inSettings("aclPubsubDefault"),
      fallback: "resetchannels",
    }),
    parameter({
      name: "acllog-max-len",
      group: clients,
      summary: "Entries that ACL LOG keeps",
      kind: kinds.integer(0, Number.MAX_SAFE_INTEGER),
      place: inSettings("aclLogMaxLen"),
      fallback: 128,
    }),
    parameter({
      name: "auth-fail-delay-ms",
      group: clients,
      summary: "Milliseconds by which AUTH is answered later after five failures of an address; " +
        "doubled by each further one, up to ten seconds; 0 = none",
      kind: kinds.integer(0, MAX_DELAY_MS),
      place: inSettings("authFailDelayMs"),
      fallback: 100,
    }),
  ];
}

/** What may be given several times, and is no parameter that CONFIG knows. */
export interface Directive {
  readonly name: string;
  readonly placeholder: string;
  readonly summary: string;
  readonly isSecret: boolean;
  readonly allowed: string;
  /** @returns what is wrong with the words, "" = nothing, then they are in the options */
  readonly add: (options: Options, words: readonly string[]) => string;
}

export const DIRECTIVES: readonly Directive[] = [
  {
    name: "user",
    placeholder: "NAME RULE...",
    summary: "A user and what it may do, by the rules of ACL SETUSER",
    isSecret: true,
    allowed: "a name and rules as of ACL SETUSER",
    add(options, given) {
      if (given.length === 0) return WRONG_COUNT;
      // No name has blanks: where the first word does, each is a whole line.
      const lines = /\s/.test(given[0]) ? given.map((line) => line.trim().split(/\s+/)) : [given];
      for (const words of lines) {
        if (words[0] === "") return WRONG_COUNT;
        if (options.users.some(([name]) => name === words[0])) return DUPLICATE_USER;
        options.users = [...options.users, words];
      }
      return "";
    },
  },
  {
    name: "rename-command",
    placeholder: "NAME NEW-NAME",
    summary: 'Gives a command another name, or none with ""',
    isSecret: false,
    allowed: "the name of a command and a new one",
    add(options, words) {
      if (words.length !== 2) return WRONG_COUNT;
      options.renamedCommands = [...options.renamedCommands, [words[0], words[1]]];
      return "";
    },
  },
];

/** @param name in lower case */
export function findDirective(name: string): Directive | undefined {
  return DIRECTIVES.find((each) => each.name === name);
}
