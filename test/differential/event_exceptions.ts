/** Where the events differ from those of redis-server 7.0.15, and why: nothing else is excused. */
import type { EventException, KeyEvent } from "./events.ts";

export const EVENT_EXCEPTIONS: readonly EventException[] = [
  {
    reason:
      "since 7.2 XREADGROUP, XCLAIM and XAUTOCLAIM make the consumer even if there is nothing " +
      "for it, before only then",
    covers: (args, real, ours) =>
      /^x(?:readgroup|claim|autoclaim)$/i.test(String(args[0])) &&
      areSame(without(real, "xgroup-createconsumer"), without(ours, "xgroup-createconsumer")),
  },
  {
    reason: "so the consumer is there already, or to be deleted",
    covers: (args, real, ours) =>
      /^xgroup$/i.test(String(args[0])) &&
      (/^createconsumer$/i.test(String(args[1])) && real.length === 1 && ours.length === 0 ||
        /^delconsumer$/i.test(String(args[1])) && real.length === 0 && ours.length === 1),
  },
  {
    reason: "SORT looks up what its patterns name in the order in which a set is kept",
    covers: (args, real, ours) =>
      /^sort(?:_ro)?$/i.test(String(args[0])) && areSame([...real].sort(), [...ours].sort()),
  },
];

/** The events but those of this name. */
function without(events: readonly KeyEvent[], name: string): KeyEvent[] {
  return events.filter((each) => !each.startsWith(`${name} `));
}

function areSame(a: readonly KeyEvent[], b: readonly KeyEvent[]): boolean {
  return a.join("\n") === b.join("\n");
}
