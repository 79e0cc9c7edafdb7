/** What an engine tells of its keys: events as "lpush key", changes as "~key", in their order. */
import { Buffer } from "node:buffer";
import type { Engine } from "../../src/engine/engine.ts";
import type { Region } from "../../src/ports/region.ts";

/** Every class of events. */
const ALL_CLASSES = 0x7ff;

/** @returns takes what was told since the last time */
export function recordEvents({ keyspace }: Engine): () => string[] {
  let told: string[] = [];
  const textOf = ({ bytes }: Region, offset: number, length: number): string =>
    Buffer.from(bytes.subarray(offset, offset + length)).toString("latin1");
  keyspace.changes.publishTo((_db, _class, event, region, offset, length) => {
    told.push(`${event} ${textOf(region, offset, length)}`);
  }, ALL_CLASSES);
  keyspace.changes.add({
    changed: (_db, region, offset, length) => told.push(`~${textOf(region, offset, length)}`),
    flushed: () => told.push("flushed"),
    swapping: () => told.push("swapping"),
  });
  return () => {
    const taken = told;
    told = [];
    return taken;
  };
}
