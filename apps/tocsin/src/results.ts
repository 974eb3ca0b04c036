import { resultEncoder } from "@tocsin/data/codec";
import type { TableSink } from "@tocsin/library/runtime";
import type { Streams } from "./command.ts";
import { oneOf, UsageError } from "./command.ts";
import { Output } from "./output.ts";

/** How the tables of a run, or the requests of a dry run, are shown. */
export type OutputFormat = "table" | "csv" | "json" | "ndjson" | "none" | "curl";

const formats: readonly OutputFormat[] = ["table", "csv", "json", "ndjson", "none"];

/**
 * The format that was asked for; by default `table` on a terminal and annotated CSV elsewhere. Only a dry run
 * can be shown as curl commands. Throws `UsageError`.
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
  return oneOf(formats, asked, "--output");
}

/** Writes results as they come, one script after the other. */
export interface ResultWriter extends TableSink {
  /** Call it after the last result of a script. */
  endScript(): Promise<void>;
  /** Call it after the last script. */
  end(): Promise<void>;
}

/** A writer of results to standard output. */
export async function resultWriter(format: OutputFormat, streams: Streams): Promise<ResultWriter> {
  if (format === "none" || format === "curl")
    return { push: () => undefined, finish: () => undefined, endScript: done, end: done };
  const encoder = resultEncoder(format);
  const write = (bytes: Uint8Array): void | Promise<void> => {
    // The process's own output is done with the bytes then; other sinks may keep them.
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
