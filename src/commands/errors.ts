/** Error replies that more than one command gives, worded as Redis words them. */
export const SYNTAX_ERROR = "ERR syntax error";
export const WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";
export const NOT_AN_INTEGER = "ERR value is not an integer or out of range";
export const NOT_A_FLOAT = "ERR value is not a valid float";
export const OUT_OF_RANGE = "ERR value is out of range";
export const NO_SUCH_KEY = "ERR no such key";
export const INVALID_DB_INDEX = "ERR DB index is out of range";
export const OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.";
export const STRING_TOO_LONG = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
export const INCREMENT_OVERFLOW = "ERR increment or decrement would overflow";

/** @param command full name in lower case, e.g. "set" or "client|kill" */
export function wrongArity(command: string): string {
  return `ERR wrong number of arguments for '${command}' command`;
}

/** @param word the subcommand as it was written @param container in upper case, e.g. "CLIENT" */
export function wrongSubcommand(word: string, container: string): string {
  return `ERR unknown subcommand or wrong number of arguments for '${word}'. Try ${container} HELP.`;
}

/** @param command full name in lower case */
export function invalidExpire(command: string): string {
  return `ERR invalid expire time in '${command}' command`;
}
