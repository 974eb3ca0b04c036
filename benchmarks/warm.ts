import { performance } from "node:perf_hooks";
import { run } from "../apps/tocsin/src/index.ts";

/** Milliseconds of a run through the API, in this process, until its last table. */
export async function runWarm(script: string, data: string): Promise<number> {
  const began = performance.now();
  const running = run(script, { data });
  for await (const { rows } of running) if (rows.length < 0) throw new Error("fewer than none");
  await running.finished;
  return performance.now() - began;
}
