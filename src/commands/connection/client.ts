/** CLIENT, the container of the commands about connections, and CLIENT HELP. */
import { replyHelp } from "../help.ts";
import {
  CLIENT_GETNAME,
  CLIENT_GETREDIR,
  CLIENT_ID,
  CLIENT_SETINFO,
  CLIENT_SETNAME,
} from "./client_identity.ts";
import { CLIENT_KILL } from "./client_kill.ts";
import { CLIENT_INFO, CLIENT_LIST } from "./client_list.ts";
import { CLIENT_NO_EVICT, CLIENT_NO_TOUCH, CLIENT_REPLY } from "./client_modes.ts";
import { CLIENT_PAUSE, CLIENT_UNPAUSE } from "./client_pause.ts";
import { CLIENT_UNBLOCK } from "./client_unblock.ts";
import type { CommandSpec } from "../spec.ts";

const HELP_LINES = [
  "GETREDIR",
  "    Return the client ID we are redirecting to when tracking is enabled.",
  "GETNAME",
  "    Return the name of the current connection.",
  "ID",
  "    Return the ID of the current connection.",
  "INFO",
  "    Return information about the current client connection.",
  "KILL <ip:port>",
  "    Kill connection made from <ip:port>.",
  "KILL <option> <value> [<option> <value> [...]]",
  "    Kill connections. Options are:",
  "    * ADDR (<ip:port>|<unixsocket>:0)",
  "      Kill connections made from the specified address",
  "    * LADDR (<ip:port>|<unixsocket>:0)",
  "      Kill connections made to specified local address",
  "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
  "      Kill connections by type.",
  "    * USER <username>",
  "      Kill connections authenticated by <username>.",
  "    * SKIPME (YES|NO)",
  "      Skip killing current connection (default: yes).",
  "    * ID <client-id>",
  "      Kill connections by client id.",
  "    * MAXAGE <maxage>",
  "      Kill connections older than the specified age.",
  "LIST [options ...]",
  "    Return information about client connections. Options:",
  "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
  "      Return clients of specified type.",
  "    * ID <client-id> [<client-id> [...]]",
  "      Return clients of specified ids.",
  "UNPAUSE",
  "    Stop the current client pause, resuming traffic.",
  "PAUSE <timeout> [WRITE|ALL]",
  "    Suspend all, or just write, clients for <timeout> milliseconds.",
  "REPLY (ON|OFF|SKIP)",
  "    Control the replies sent to the current connection.",
  "SETNAME <name>",
  "    Assign the name <name> to the current connection.",
  "SETINFO <option> <value>",
  "    Set client meta attr. Options are:",
  "    * LIB-NAME: the client lib name.",
  "    * LIB-VER: the client lib version.",
  "UNBLOCK <clientid> [TIMEOUT|ERROR]",
  "    Unblock the specified blocked client.",
  "NO-EVICT (ON|OFF)",
  "    Protect current client connection from eviction.",
  "NO-TOUCH (ON|OFF)",
  "    Will not touch LRU/LFU stats when this mode is on.",
];

const CLIENT_HELP = {
  name: "help",
  arity: 2,
  flags: ["loading", "stale"],
  since: "5.0.0",
  group: "connection",
  complexity: "O(1)",
  summary: "Returns helpful text about the different subcommands.",
  syntax: "",
  run(_call, reply) {
    replyHelp(reply, "CLIENT", HELP_LINES);
  },
} as const satisfies CommandSpec;

export const CLIENT = {
  name: "client",
  arity: -2,
  flags: [],
  since: "2.4.0",
  group: "connection",
  complexity: "Depends on subcommand.",
  summary: "A container for client connection commands.",
  syntax: "",
  subcommands: [
    CLIENT_GETNAME,
    CLIENT_GETREDIR,
    CLIENT_HELP,
    CLIENT_ID,
    CLIENT_INFO,
    CLIENT_KILL,
    CLIENT_LIST,
    CLIENT_NO_EVICT,
    CLIENT_NO_TOUCH,
    CLIENT_PAUSE,
    CLIENT_REPLY,
    CLIENT_SETINFO,
    CLIENT_SETNAME,
    CLIENT_UNBLOCK,
    CLIENT_UNPAUSE,
  ],
} as const satisfies CommandSpec;
