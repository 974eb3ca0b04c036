import type { Masker } from "@tocsin/alerting/oncall";
import type { Streams } from "./command.ts";
import type { OutputFormat } from "./results.ts";
import type { Expected } from "./silence.ts";
import type { WatchSettings } from "./watch.ts";

/** How `tocsin run` was called. Durations in milliseconds. */
export interface RunSettings {
  readonly streams: Streams;
  readonly format: OutputFormat;
  readonly now: bigint | undefined;
  readonly dryRun: boolean;
  readonly deliverTo: string | undefined;
  readonly buckets: ReadonlyMap<string, string>;
  readonly folder: string;
  readonly secrets: string | undefined;
  readonly definitions: ReadonlyMap<string, string>;
  readonly runId: string | undefined;
  readonly wait: number;
  readonly timeout: number | undefined;
  /** Bytes that the process may take. */
  readonly memory: number;
  /** Whether to tell what each step of the plan took. */
  readonly profile: boolean;
  /** File for that as a trace that browsers open. */
  readonly trace: string | undefined;
  readonly supersede: boolean;
  /** What watches over the deliveries; undefined: nothing. */
  readonly watch: WatchSettings | undefined;
  readonly masker: Masker;
  /** What the run must make, or it has failed. */
  readonly expect: Expected | undefined;
  /** File for the summary of the runs as JSON. */
  readonly summary: string | undefined;
}
