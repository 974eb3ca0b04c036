import type { Telemetry } from "@tocsin/adapters/telemetry";
import type { OutboxStore } from "@tocsin/alerting/delivery";
import type { Masker } from "@tocsin/alerting/oncall";
import type { Host, Log, Signal } from "@tocsin/platform/host";
import type { WatchSettings } from "../watch.ts";

/** What the subcommands need beside the store. */
export interface OutboxWorld {
  readonly host: Host;
  out(text: string): void;
  err(text: string): void;
  /** How `send` watches the deliveries. */
  readonly watch?: WatchSettings;
  /** Reopens the outbox after it failed. */
  reopen?(): Promise<OutboxStore>;
  /** The folder to which paths are relative. */
  readonly cwd?: string;
  /** Where `send` exports spans and metrics, if the environment asks for them. */
  telemetry?(told: { readonly log: Log; readonly masker: Masker }): Promise<Telemetry | undefined>;
  /** Whether the file that was opened is no longer in the place of the outbox. */
  readonly moved?: () => boolean;
  /** Ends `send` early; the queue stays as it is. */
  readonly signal?: Signal;
}

/** A subcommand. Resolves with its exit code; rejects with `UsageError` for arguments that cannot be used. */
export type Run = (
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
) => Promise<number>;

/** Milliseconds since 1970. */
export function wall({ host }: OutboxWorld): number {
  return Number(host.clock.now() / 1_000_000n);
}

/** A time in milliseconds since 1970, in RFC 3339. */
export function iso(time: number): string {
  return new Date(time).toISOString();
}

/** A text without control characters, which must not reach a terminal. */
export function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, " ");
}

/** A line of output. */
export function line(text: string): string {
  return `${plain(text)}\n`;
}
