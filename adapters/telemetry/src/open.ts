import type { Masker } from "@tocsin/alerting/oncall";
import type { Clock, Http, Log } from "@tocsin/platform/host";
import { asksForTelemetry, type Environment } from "./environment.ts";
import type { Telemetry } from "./telemetry.ts";

/** What telemetry by OTLP works with. */
export interface OtlpWorld {
  readonly environment: Environment;
  /** The way to the collector. */
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
  /** Learns the headers and the address, which may hold a key. */
  readonly masker: Masker;
  /** Of Tocsin. */
  readonly version: string;
}

/**
 * Spans and metrics for an OTLP collector, as the `OTEL_*` variables say. Undefined, and nothing is
 * loaded, when they ask for none.
 */
export async function otlpTelemetry(world: OtlpWorld): Promise<Telemetry | undefined> {
  if (!asksForTelemetry(world.environment)) return undefined;
  try {
    const { startOtlp } = await import("./otlp.ts");
    return startOtlp(world);
  } catch {
    // Settings that the SDK does not take, and were not foreseen: pages go on without it.
    world.log.write("warn", "no telemetry: the OTEL_* variables could not be made use of");
    return undefined;
  }
}
