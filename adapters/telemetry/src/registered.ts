import type { Clock } from "@tocsin/platform/host";
import { unfollowed } from "./harmless.ts";
import { Instruments } from "./instruments.ts";
import type { Telemetry } from "./telemetry.ts";
import { beginWork, type OpenTelemetryApi } from "./tracer.ts";

/**
 * Spans and metrics for the providers that the surrounding program has registered with `@opentelemetry/api`. `api`
 * is that program's own copy. Work belongs to the span that is active there.
 */
export function registeredTelemetry(
  api: OpenTelemetryApi,
  { clock, version }: { readonly clock: Clock; readonly version: string },
): Telemetry {
  return {
    begin: (name, facts) => {
      try {
        const tracer = api.trace.getTracer("tocsin", version);
        const instruments = new Instruments(api.metrics.getMeter("tocsin", version));
        const world = { api, tracer, instruments, clock, parent: api.context.active() };
        return beginWork(world, name, facts);
      } catch {
        return unfollowed;
      }
    },
    // The program that registered the providers exports.
    close: async () => undefined,
  };
}
