/** Fields of redis-server's INFO that this server does not have, and why. */

const NO_BUILD = "says how a C program was built, or which system calls it uses";
const NO_SCRIPTS = "there are no scripts and functions; the totals that are read are there, as 0";
const NO_ALLOCATOR = "the runtime does not tell what its own allocator holds resident";
const NO_DEFRAG = "memory is compacted a page at a time when room is made, without runs to count";
const NO_SAVING = "nothing is saved, so nothing was, and no process is forked for it";
const NO_REPLICATION = "there is no replication, and no identity of a history to replicate";
const NO_THREADS = "the runtime tells the time of the whole process, not of one thread";

const BY_REASON: readonly (readonly [reason: string, ...names: string[]])[] = [
  [NO_BUILD, "redis_git_sha1", "redis_git_dirty", "redis_build_id", "monotonic_clock"],
  [NO_BUILD, "multiplexing_api", "atomicvar_api", "gcc_version"],
  [NO_SCRIPTS, "used_memory_vm_eval", "used_memory_lua_human", "used_memory_scripts_eval"],
  [NO_SCRIPTS, "used_memory_vm_functions", "used_memory_vm_total", "used_memory_vm_total_human"],
  [NO_SCRIPTS, "used_memory_functions", "used_memory_scripts_human"],
  [NO_ALLOCATOR, "allocator_resident", "allocator_rss_ratio", "allocator_rss_bytes"],
  [NO_ALLOCATOR, "rss_overhead_ratio", "rss_overhead_bytes"],
  [NO_DEFRAG, "active_defrag_running", "active_defrag_hits", "active_defrag_misses"],
  [NO_DEFRAG, "active_defrag_key_hits", "active_defrag_key_misses"],
  [NO_DEFRAG, "total_active_defrag_time", "current_active_defrag_time"],
  [NO_SAVING, "current_cow_peak", "current_cow_size", "current_cow_size_age"],
  [NO_SAVING, "current_fork_perc", "current_save_keys_processed", "current_save_keys_total"],
  [NO_SAVING, "rdb_last_save_time", "rdb_last_bgsave_status", "rdb_last_bgsave_time_sec"],
  [NO_SAVING, "rdb_current_bgsave_time_sec", "rdb_saves", "rdb_last_cow_size"],
  [NO_SAVING, "rdb_last_load_keys_expired", "rdb_last_load_keys_loaded"],
  [NO_SAVING, "aof_last_rewrite_time_sec", "aof_current_rewrite_time_sec"],
  [NO_SAVING, "aof_last_bgrewrite_status", "aof_rewrites", "aof_rewrites_consecutive_failures"],
  [NO_SAVING, "aof_last_write_status", "aof_last_cow_size"],
  [NO_SAVING, "module_fork_in_progress", "module_fork_last_cow_size"],
  ["RESTORE checks every payload alike", "dump_payload_sanitizations"],
  ["replies are written to one buffer that all share", "reply_buffer_shrinks"],
  ["replies are written to one buffer that all share", "reply_buffer_expands"],
  [NO_REPLICATION, "master_replid", "master_replid2", "second_repl_offset", "repl_backlog_size"],
  [NO_REPLICATION, "repl_backlog_first_byte_offset", "repl_backlog_histlen"],
  [NO_THREADS, "used_cpu_sys_main_thread", "used_cpu_user_main_thread"],
];

/** Name and reason. */
export const INFO_ABSENCES: ReadonlyMap<string, string> = new Map(
  BY_REASON.flatMap(([reason, ...names]) => names.map((name) => [name, reason] as const)),
);
