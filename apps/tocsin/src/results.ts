import { resultEncoder } from "@tocsin/data/codec";
import type { TableSink } from "@tocsin/library/runtime";
import type { Streams } from "./command.ts";
import { UsageError } from "./command.ts";
import { Output } from "./output.ts";

/** How a run's tables are shown. */
export type OutputFormat = "table" | "csv" | "json" | "ndjson" | "none" | "curl";

const formats: readonly OutputFormat[] = ["table", "csv", "json", "ndjson", "none"];

/**
 * The format that was asked for: default `table` on a terminal, annotated CSV otherwise. A dry run
 * can also be shown as commands of curl.
 */
export function outputFormat(
  asked: string | undefined,
  streams: Streams,
  options: { readonly dryRun?: boolean } = {},
): OutputFormat {
  if (asked === undefined) return streams.out.isTTY === true ? "table" : "csv";
  if (asked === "curl") {
    if (options.dryRun === true) return asked;
    throw new UsageError("--output curl shows requests instead of sending them: add --dry-run");
  }
  const found = formats.find((one) => one === asked);
  if (found === undefined)
    throw new UsageError(`--output is one of ${formats.join(", ")}, not "${asked}"`);
  return found;
}

/** Writes results as they come, of one script after the other. */
export interface ResultWriter extends TableSink {
  /** After the last result of a script. */
  endScript(): Promise<void>;
  /** Writes what stands at the end of all. */
  end(): Promise<void>;
}

/** A writer of results to standard output. */
export async function resultWriter(format: OutputFormat, streams: Streams): Promise<ResultWriter> {
  if (format === "none" || format === "curl")
    return { push: () => undefined, finish: () => undefined, endScript: done, end: done };
  const encoder = resultEncoder(format);
  const write = (bytes: Uint8Array): void | Promise<void> => {
    // Others may keep what they are given; the process's own output has written it then.
    const written = streams.out instanceof Output ? () => encoder.reuse(bytes) : undefined;
    if (bytes.length === 0 || streams.out.write(bytes, written)) return;
    return writable(streams.out);
  };
  return {
    push: (name, batch) => write(encoder.encode(name, batch)),
    finish: (name) => write(encoder.endResult(name)),
    endScript: async () => write(encoder.endScript()),
    end: async () => write(encoder.end()),
  };
}

const done = (): Promise<void> => Promise.resolve();

/** Resolves when a stream takes more, or will never take anything. */
function writable(out: Streams["out"]): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      out.off("drain", done);
      out.off("close", done);
      resolve();
    };
    out.on("drain", done);
    out.on("close", done);
  });
}
