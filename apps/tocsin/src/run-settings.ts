import type { Masker } from "@tocsin/alerting/oncall";
import type { Streams } from "./command.ts";
import type { OutputFormat } from "./results.ts";
import type { Expected } from "./silence.ts";
import type { WatchSettings } from "./watch.ts";

/** The settings of `tocsin run`. Durations are in milliseconds. */
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
  /** How many bytes the process may take. */
  readonly memory: number;
  /** Whether to show what each step of the plan took. */
  readonly profile: boolean;
  /** The file for the same as a trace that browsers open. */
  readonly trace: string | undefined;
  readonly supersede: boolean;
  /** What watches over the deliveries; undefined: nothing. */
  readonly watch: WatchSettings | undefined;
  readonly masker: Masker;
  /** What the run must make; otherwise it has failed. */
  readonly expect: Expected | undefined;
  /** The file for the summary of the runs as JSON; `-` is standard output. */
  readonly summary: string | undefined;
}
