import { main } from "../apps/tocsin/src/main.ts";
import type { Sink } from "../apps/tocsin/src/output.ts";
import type { Cost } from "./process.ts";

/** Runs the command line in this process, on sinks that keep what is written. */
export async function inProcess(argv: readonly string[]): Promise<Cost> {
  const written: Buffer[] = [];
  const complaints: Buffer[] = [];
  const streams = {
    out: sinkInto(written),
    err: sinkInto(complaints),
    env: {},
    cwd: process.cwd(),
  };
  const code = await main(argv, streams);
  return {
    milliseconds: 1,
    cpuMilliseconds: undefined,
    megabytes: 0,
    output: Buffer.concat(written).toString("utf8"),
    complaint: Buffer.concat(complaints).toString("utf8"),
    code,
  };
}

/** A sink that never makes a writer wait. It copies, because writers may use their memory again. */
function sinkInto(pieces: Buffer[]): Sink {
  return {
    write: (data, written) => {
      pieces.push(Buffer.from(data));
      written?.();
      return true;
    },
    on: () => undefined,
    off: () => undefined,
  };
}
