/**
 * CLUSTER and its subcommands: a cluster of one node, this server, that owns every slot.
 *
 * Clients that only speak to clusters work with it, and none of them is ever sent elsewhere.
 */
import { keySlot, SLOT_COUNT } from "../../bytes/crc16.ts";
import { replyHelp } from "../help.ts";
import { endpointOf } from "./endpoint.ts";
import type { CommandSpec } from "../spec.ts";

const LAST_SLOT = SLOT_COUNT - 1;

/** There is no bus between nodes. */
const BUS_PORT = 0;

const STATE_LINES = [
  "cluster_state:ok",
  `cluster_slots_assigned:${SLOT_COUNT}`,
  `cluster_slots_ok:${SLOT_COUNT}`,
  "cluster_slots_pfail:0",
  "cluster_slots_fail:0",
  "cluster_known_nodes:1",
  "cluster_size:1",
  "cluster_current_epoch:0",
  "cluster_my_epoch:0",
  "cluster_stats_messages_sent:0",
  "cluster_stats_messages_received:0",
  "total_cluster_links_buffer_limit_exceeded:0",
];

const HELP_LINES = [
  "INFO",
  "    Return information about the cluster.",
  "KEYSLOT <key>",
  "    Return the hash slot for <key>.",
  "MYID",
  "    Return the node id.",
  "NODES",
  "    Return cluster configuration seen by node. Output format:",
  "    <id> <ip:port> <flags> <master> <pings> <pongs> <epoch> <link> <slot> ...",
  "SLOTS",
  "    Return information about slots range mappings. Each range is made of:",
  "    start, end, master and replicas IP addresses, ports and ids",
  "SHARDS",
  "    Return information about slot range mappings and the nodes associated with them.",
];

const CLUSTER_INFO = {
  name: "info",
  arity: 2,
  flags: ["stale"],
  since: "3.0.0",
  group: "cluster",
  complexity: "O(1)",
  summary: "Returns information about the state of a node.",
  syntax: "",
  run(_call, reply) {
    reply.verbatim("txt", STATE_LINES.map((line) => `${line}\r\n`).join(""));
  },
} as const satisfies CommandSpec;

const CLUSTER_KEYSLOT = {
  name: "keyslot",
  arity: 3,
  flags: ["stale"],
  since: "3.0.0",
  group: "cluster",
  complexity: "O(N) where N is the number of bytes in the key",
  summary: "Returns the hash slot for a key.",
  syntax: "key",
  run(call, reply) {
    reply.integer(keySlot(call.batch.input.bytes, call.offset(2), call.length(2)));
  },
} as const satisfies CommandSpec;

const CLUSTER_MYID = {
  name: "myid",
  arity: 2,
  flags: ["stale"],
  since: "3.0.0",
  group: "cluster",
  complexity: "O(1)",
  summary: "Returns the ID of a node.",
  syntax: "",
  run(call, reply) {
    reply.text(call.services.server.runId);
  },
} as const satisfies CommandSpec;

const CLUSTER_NODES = {
  name: "nodes",
  arity: 2,
  flags: ["stale"],
  since: "3.0.0",
  group: "cluster",
  complexity: "O(N) where N is the total number of Cluster nodes",
  summary: "Returns the cluster configuration for a node.",
  syntax: "",
  run(call, reply) {
    const { host, port } = endpointOf(call);
    reply.verbatim(
      "txt",
      `${call.services.server.runId} ${host}:${port}@${BUS_PORT} myself,master - 0 0 0 connected ` +
        `0-${LAST_SLOT}\n`,
    );
  },
} as const satisfies CommandSpec;

const CLUSTER_SLOTS = {
  name: "slots",
  arity: 2,
  flags: ["stale"],
  since: "3.0.0",
  group: "cluster",
  complexity: "O(N) where N is the total number of Cluster nodes",
  summary: "Returns the mapping of cluster slots to nodes.",
  syntax: "",
  history: [
    ["4.0.0", "Added node IDs."],
    ["7.0.0", "Added additional networking metadata field."],
  ],
  deprecated: { since: "7.0.0", replacedBy: "`CLUSTER SHARDS`" },
  run(call, reply) {
    const { host, port } = endpointOf(call);
    reply.array(1);
    reply.array(3);
    reply.integer(0);
    reply.integer(LAST_SLOT);
    reply.array(4);
    reply.text(host);
    reply.integer(port);
    reply.text(call.services.server.runId);
    reply.map(0);
  },
} as const satisfies CommandSpec;

const CLUSTER_SHARDS = {
  name: "shards",
  arity: 2,
  flags: ["stale"],
  since: "7.0.0",
  group: "cluster",
  complexity: "O(N) where N is the total number of cluster nodes",
  summary: "Returns the mapping of cluster slots to shards.",
  syntax: "",
  run(call, reply) {
    const { host, port } = endpointOf(call);
    reply.array(1);
    reply.map(2);
    reply.text("slots");
    reply.array(2);
    reply.integer(0);
    reply.integer(LAST_SLOT);
    reply.text("nodes");
    reply.array(1);
    reply.map(7);
    reply.text("id");
    reply.text(call.services.server.runId);
    reply.text("port");
    reply.integer(port);
    reply.text("ip");
    reply.text(host);
    reply.text("endpoint");
    reply.text(host);
    reply.text("role");
    reply.text("master");
    reply.text("replication-offset");
    reply.integer(0);
    reply.text("health");
    reply.text("online");
  },
} as const satisfies CommandSpec;

const CLUSTER_HELP = {
  name: "help",
  arity: 2,
  flags: ["loading", "stale"],
  since: "5.0.0",
  group: "cluster",
  complexity: "O(1)",
  summary: "Returns helpful text about the different subcommands.",
  syntax: "",
  run(_call, reply) {
    replyHelp(reply, "CLUSTER", HELP_LINES);
  },
} as const satisfies CommandSpec;

export const CLUSTER = {
  name: "cluster",
  arity: -2,
  flags: [],
  since: "3.0.0",
  group: "cluster",
  complexity: "Depends on subcommand.",
  summary: "A container for Redis Cluster commands.",
  syntax: "",
  subcommands: [
    CLUSTER_HELP,
    CLUSTER_INFO,
    CLUSTER_KEYSLOT,
    CLUSTER_MYID,
    CLUSTER_NODES,
    CLUSTER_SHARDS,
    CLUSTER_SLOTS,
  ],
} as const satisfies CommandSpec;
