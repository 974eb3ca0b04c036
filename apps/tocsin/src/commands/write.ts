import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { openBuckets, type WriteReport } from "@tocsin/adapters/buckets";
import { nodeHost } from "@tocsin/adapters/host-node";
import { FileError, type Files } from "@tocsin/platform/host";
import { choice, type Command, type Streams, text, UsageError } from "../command.ts";
import { configuration } from "../configuration.ts";
import { dataFolder } from "../data-folder.ts";
import { warningsTo } from "../warnings.ts";

const precisions = ["ns", "us", "ms", "s"] as const;
/** How many refused lines are reported one by one. */
const TOLD_MAX = 20;

/** `tocsin write`. */
export const command: Command = {
  summary: "Writes line protocol or annotated CSV into a bucket of the embedded store.",
  usage: "--bucket B [FILE…]",
  details:
    "Without FILE (or with -) it reads standard input; a folder stands for its .lp, .line, .txt and .csv files. A line\n" +
    "that cannot be used is reported by its number; the other lines are written, and the exit code is 1. Annotated CSV\n" +
    "is recognised by its annotations.",
  options: {
    bucket: {
      type: "string",
      short: "b",
      value: "B",
      help: "the bucket; it is created when it does not exist",
    },
    precision: {
      type: "string",
      value: "P",
      help: "precision of timestamps: ns, us, ms or s (default: ns)",
    },
    data: { type: "string", value: "DIR", help: "folder of the embedded buckets" },
  },
  examples: [
    "tocsin write --bucket example-bucket data.lp",
    "telegraf --test | tocsin write -b metrics",
  ],
  run: async (invocation) => {
    const bucket = text(invocation, "bucket");
    if (bucket === undefined || bucket === "")
      throw new UsageError("say which bucket to write to: --bucket NAME");
    const { streams } = invocation;
    const host = nodeHost({ log: warningsTo(streams.err) });
    const set = await configuration(streams.cwd, streams.env);
    const folder = dataFolder(text(invocation, "data") ?? set.data, streams.env, streams.cwd);
    const buckets = openBuckets({ dataDir: folder, named: {}, host, env: streams.env });
    const progress = streams.err.isTTY === true ? progressLine(streams) : undefined;
    const options = {
      bucket,
      precision: choice(invocation, "precision", precisions),
      ...(progress === undefined ? {} : { onProgress: progress.show }),
    };
    const { operands } = invocation;
    let code = 0;
    for (const name of await sourcesOf(operands.length === 0 ? ["-"] : operands, streams.cwd)) {
      const { csv, stream } = await recognised(input(host.files, name, streams.cwd));
      const report = await (csv
        ? buckets.writeCsv(stream, options)
        : buckets.writeLineProtocol(stream, options));
      progress?.end();
      // Among several files a line's number alone says nothing.
      code = Math.max(
        code,
        conclude(
          report,
          { bucket, file: operands.length === 1 && operands[0] === name ? "" : name },
          streams,
        ),
      );
    }
    return code;
  },
};

/** Files that hold points, in folders. */
const endings = [".lp", ".line", ".txt", ".csv"];

async function sourcesOf(operands: readonly string[], cwd: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of operands) {
    if (name === "") throw new UsageError("the name of a file is empty");
    const path = resolve(cwd, name);
    const folder = name !== "-" && (await stat(path).catch(() => undefined))?.isDirectory();
    if (folder !== true) {
      found.push(name);
      continue;
    }
    const files = (await readdir(path)).filter((one) => endings.some((end) => one.endsWith(end)));
    if (files.length === 0)
      throw new UsageError(`the folder ${name} holds no file that ends in ${endings.join(", ")}`);
    found.push(...files.sort().map((one) => join(name, one)));
  }
  return found;
}

async function* input(files: Files, name: string, cwd: string): AsyncGenerator<Uint8Array> {
  try {
    yield* files.read(name === "-" ? name : resolve(cwd, name));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new UsageError(error.message.replace(error.path, name));
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

function conclude(
  report: WriteReport,
  { bucket, file }: { bucket: string; file: string },
  streams: Streams,
): number {
  const of = file === "" || file === "-" ? "" : `${file}, `;
  for (const { line, reason: why } of report.refused.slice(0, TOLD_MAX)) {
    streams.err.write(`${of}line ${line}: ${why}\n`);
  }
  const untold = report.refusedTotal - TOLD_MAX;
  if (untold > 0) streams.err.write(`and ${untold} more lines\n`);
  const said = `${report.written} ${report.written === 1 ? "point" : "points"} written to ${bucket}`;
  const { refusedTotal } = report;
  if (refusedTotal > 0)
    streams.err.write(
      `${said}, ${refusedTotal} ${refusedTotal === 1 ? "line" : "lines"} refused\n`,
    );
  else if (streams.err.isTTY === true) streams.err.write(`${said}\n`);
  return refusedTotal > 0 ? 1 : 0;
}
