import { totalmem } from "node:os";
import type { Memory } from "@tocsin/platform/host";

/** Bytes that a run may take when nobody says: a quarter of what the machine or the container has. */
export function defaultMemory(): number {
  const constrained = process.constrainedMemory();
  // Without a limit of a container this is 0, or more than any machine has.
  const machine = totalmem();
  return Math.floor((constrained > 0 ? Math.min(constrained, machine) : machine) / 4);
}

/** Loaded when it is asked, which takes a millisecond and a half: most runs end before that. */
const v8 = (): typeof import("node:v8") => process.getBuiltinModule("node:v8");

/** V8 ends the process when its heap is full; runs are ended before. */
const heapShare = 0.9;

/** A heap of so many bytes is far from its limit: V8 gives itself 256 MB or more, unless somebody says less. */
const smallHeap = 128 * 1024 ** 2;

/** Whether somebody says how large V8's heap may be. */
function isHeapSet(): boolean {
  const said = `${process.execArgv} ${process.env["NODE_OPTIONS"] ?? ""}`.replaceAll("_", "-");
  return said.includes("max-old-space") || said.includes("max-heap");
}

/**
 * Memory of this process as the system counts it. Garbage is in that, too: when there seems to be too
 * much, it is collected first, which costs some milliseconds a gigabyte.
 */
export function processMemory(limit: number): Memory {
  const set = isHeapSet();
  const taken = (rss: number): number => {
    if (!set && (rss < smallHeap || process.memoryUsage().heapUsed < smallHeap)) return rss;
    const { used_heap_size: heap, heap_size_limit: heapMax } = v8().getHeapStatistics();
    return Math.max(rss, (heap / (heapMax * heapShare)) * limit);
  };
  const { rss } = process.memoryUsage;
  return {
    limit,
    used(most) {
      // The most that it ever took is known to the system at once; what it takes now is counted.
      const ever = taken(process.resourceUsage().maxRSS * 1024);
      if (ever <= most) return ever;
      const before = taken(rss());
      if (before <= most) return before;
      collectGarbage("all");
      return taken(rss());
    },
  };
}

type Collector = (options?: { type: "minor" }) => void;
let collector: Collector | undefined;

/**
 * Collects garbage now: all of it, or what became so lately, which takes a millisecond. For memory that
 * V8 does not know of, because an addon took it, and that is given back with an object of V8's.
 */
export function collectGarbage(what: "all" | "young"): void {
  if (collector === undefined) {
    // V8 shows its own only to who asks for it.
    v8().setFlagsFromString("--expose-gc");
    collector = process.getBuiltinModule("node:vm").runInNewContext("gc") as Collector;
    // Code that is kept under a flag of its own is refused by processes without it.
    v8().setFlagsFromString("--no-expose-gc");
  }
  if (what === "all") collector();
  else collector({ type: "minor" });
}
