import type { Masker } from "@tocsin/alerting/oncall";
import type { Clock, Http, Log } from "@tocsin/platform/host";
import { asksForTelemetry, type Environment } from "./environment.ts";
import type { Telemetry } from "./telemetry.ts";

/** What telemetry over OTLP needs. */
export interface OtlpWorld {
  readonly environment: Environment;
  /** Reaches the collector. */
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
  /** Learns the headers and the address, which may contain a key. */
  readonly masker: Masker;
  /** Tocsin's version. */
  readonly version: string;
}

/**
 * Spans and metrics for an OTLP collector, by the `OTEL_*` variables. When they ask for none, it is undefined
 * and nothing is loaded.
 */
export async function otlpTelemetry(world: OtlpWorld): Promise<Telemetry | undefined> {
  if (!asksForTelemetry(world.environment)) return undefined;
  try {
    const { startOtlp } = await import("./otlp.ts");
    return startOtlp(world);
  } catch {
    // The SDK refuses settings in a way that nobody foresaw: pages do not depend on it.
    world.log.write("warn", "no telemetry: the OTEL_* variables cannot be used");
    return undefined;
  }
}
