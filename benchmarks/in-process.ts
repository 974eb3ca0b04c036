import { main } from "../apps/tocsin/src/main.ts";
import type { Cost } from "./process.ts";

/** The command line in this process, on streams that keep what they are given. */
export async function inProcess(argv: readonly string[]): Promise<Cost> {
  const written: Buffer[] = [];
  const complaints: string[] = [];
  const out = {
    write: (bytes: string | Uint8Array) => written.push(Buffer.from(bytes)) > 0,
    once: () => undefined,
  };
  const streams = {
    out: out as unknown as NodeJS.WriteStream,
    err: {
      write: (text: string) => complaints.push(text) > 0,
    } as unknown as NodeJS.WriteStream,
    env: {},
    cwd: process.cwd(),
  };
  const code = await main(argv, streams);
  return {
    milliseconds: 1,
    cpuMilliseconds: undefined,
    megabytes: 0,
    output: Buffer.concat(written).toString("utf8"),
    complaint: complaints.join(""),
    code,
  };
}
