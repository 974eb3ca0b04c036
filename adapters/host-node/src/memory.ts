import { totalmem } from "node:os";
import type { Memory } from "@tocsin/platform/host";

/** How many bytes a run may take by default: a quarter of the memory of the machine or container. */
export function defaultMemory(): number {
  const constrained = process.constrainedMemory();
  // Without a container limit this is 0, or more than any machine has.
  const machine = totalmem();
  return Math.floor((constrained > 0 ? Math.min(constrained, machine) : machine) / 4);
}

/** Loaded on demand, because that takes a millisecond and a half and most runs end without it. */
const v8 = (): typeof import("node:v8") => process.getBuiltinModule("node:v8");

/** The share of V8's heap limit at which runs are ended: when the heap is full, V8 ends the process. */
const heapShare = 0.9;

/** A heap of this size is far from its limit, which is 256 MB or more unless somebody sets it. */
const smallHeap = 128 * 1024 ** 2;

/** Whether somebody sets V8's heap limit. */
function isHeapSet(): boolean {
  const said = `${process.execArgv} ${process.env["NODE_OPTIONS"] ?? ""}`.replaceAll("_", "-");
  return said.includes("max-old-space") || said.includes("max-heap");
}

/**
 * The memory of this process as the system counts it. That includes garbage, which is collected first when the
 * limit seems to be exceeded; this takes some milliseconds per gigabyte.
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
      // The system knows the peak at once, but has to count the present use.
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
 * Collects garbage now: all of it, or only young objects, which takes a millisecond. It is needed for memory
 * that an addon allocated, which V8 does not count, and frees together with an object of V8's.
 */
export function collectGarbage(what: "all" | "young"): void {
  if (collector === undefined) {
    // V8 exposes its collector only on request.
    v8().setFlagsFromString("--expose-gc");
    collector = process.getBuiltinModule("node:vm").runInNewContext("gc") as Collector;
    // Otherwise compiled code that is cached now would be refused by processes without the flag.
    v8().setFlagsFromString("--no-expose-gc");
  }
  if (what === "all") collector();
  else collector({ type: "minor" });
}
