import { createReadStream } from "node:fs";
import { isAbsolute, join } from "node:path";
import { openBuckets, type WriteReport } from "@tocsin/adapters/buckets";
import { nodeHost } from "@tocsin/adapters/host-node";
import { type Command, type Invocation, type Streams, text, UsageError } from "../command.ts";
import { configuration } from "../configuration.ts";
import { dataFolder } from "../data-folder.ts";
import { reason } from "../scripts.ts";

const precisions = ["ns", "us", "ms", "s"] as const;
/** How many refused lines are told one by one. */
const TOLD_MAX = 20;

/** `tocsin write`. */
export const command: Command = {
  summary: "Writes line protocol or annotated CSV into a bucket of the embedded store.",
  usage: "--bucket B [FILE]",
  details:
    "Without FILE (or with -) it reads standard input. A line that cannot be used is told by its number and does\n" +
    "not lose the others; then the exit code is 1. Annotated CSV is recognised by its annotations.",
  options: {
    bucket: {
      type: "string",
      short: "b",
      value: "B",
      help: "the bucket; it is made when it does not exist",
    },
    precision: { type: "string", value: "P", help: "of timestamps: ns, us, ms or s (default ns)" },
    data: { type: "string", value: "DIR", help: "folder of the embedded store" },
  },
  examples: [
    "tocsin write --bucket example-bucket data.lp",
    "telegraf --test | tocsin write -b metrics",
  ],
  run: async (invocation) => {
    const bucket = text(invocation, "bucket");
    if (bucket === undefined || bucket === "")
      throw new UsageError("say which bucket to write to: --bucket NAME");
    if (invocation.operands.length > 1)
      throw new UsageError("write takes one file; give several with cat and -");
    const { streams } = invocation;
    const host = nodeHost();
    const set = await configuration(streams.cwd, streams.env);
    const folder = dataFolder(text(invocation, "data") ?? set.data, streams.env, streams.cwd);
    const buckets = openBuckets({ dataDir: folder, named: {}, host, env: streams.env });
    const progress = streams.err.isTTY === true ? progressLine(streams) : undefined;
    const options = {
      bucket,
      precision: precisionOf(text(invocation, "precision")),
      ...(progress === undefined ? {} : { onProgress: progress.show }),
    };
    const { csv, stream } = await recognised(input(invocation));
    const report = await (csv
      ? buckets.writeCsv(stream, options)
      : buckets.writeLineProtocol(stream, options));
    progress?.end();
    return conclude(report, bucket, streams);
  },
};

async function* input({ operands, streams }: Invocation): AsyncGenerator<Uint8Array> {
  const [name = "-"] = operands;
  const stream =
    name === "-"
      ? process.stdin
      : createReadStream(isAbsolute(name) ? name : join(streams.cwd, name));
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    throw new UsageError(`cannot read ${name}: ${reason(error as NodeJS.ErrnoException)}`);
  }
}

/** Annotated CSV begins with `#datatype`, `#group` or `#default`; a comment of line protocol does not. */
async function recognised(
  source: AsyncGenerator<Uint8Array>,
): Promise<{ csv: boolean; stream: AsyncIterable<Uint8Array> }> {
  const first = await source.next();
  const head =
    first.done === true ? "" : Buffer.from(first.value.subarray(0, 64)).toString("latin1");
  async function* stream(): AsyncGenerator<Uint8Array> {
    if (first.done === true) return;
    yield first.value;
    yield* source;
  }
  return {
    csv: /^(?:\u00ef\u00bb\u00bf)?\s*#(?:datatype|group|default)\b/u.test(head),
    stream: stream(),
  };
}

function precisionOf(given: string | undefined): (typeof precisions)[number] {
  const found = precisions.find((one) => one === (given ?? "ns"));
  if (found === undefined)
    throw new UsageError(`--precision is one of ${precisions.join(", ")}, not "${given}"`);
  return found;
}

/** A line on a terminal that shows how many points are written. */
function progressLine(streams: Streams): {
  show: (progress: { written: number }) => void;
  end: () => void;
} {
  return {
    show: ({ written }) => void streams.err.write(`\r${written} points`),
    end: () => void streams.err.write("\r\u001b[K"),
  };
}

function conclude(report: WriteReport, bucket: string, streams: Streams): number {
  for (const { line, reason: why } of report.refused.slice(0, TOLD_MAX)) {
    streams.err.write(`line ${line}: ${why}\n`);
  }
  const untold = report.refusedTotal - TOLD_MAX;
  if (untold > 0) streams.err.write(`and ${untold} more lines\n`);
  const said = `${report.written} ${report.written === 1 ? "point" : "points"} written to ${bucket}`;
  if (report.refused.length > 0)
    streams.err.write(`${said}, ${report.refusedTotal} lines refused\n`);
  else if (streams.err.isTTY === true) streams.err.write(`${said}\n`);
  return report.refusedTotal > 0 ? 1 : 0;
}
