import { nodeHost } from "@tocsin/adapters/host-node";
import type { Telemetry } from "@tocsin/adapters/telemetry";
import type { Masker } from "@tocsin/alerting/oncall";
import type { Log } from "@tocsin/platform/host";
import type { Streams } from "./command.ts";

/** Without one of these variables there is no telemetry, and nothing is loaded for it. */
const asking =
  /^OTEL_(?:EXPORTER_OTLP_(?:(?:TRACES|METRICS)_)?ENDPOINT|(?:TRACES|METRICS)_EXPORTER)$/u;

/** Spans and metrics of a command, by the `OTEL_*` variables; undefined: they ask for none. */
export async function telemetryOf(
  environment: Streams["env"],
  { log, masker }: { readonly log: Log; readonly masker: Masker },
): Promise<Telemetry | undefined> {
  if (!Object.keys(environment).some((name) => name.startsWith("OTEL_") && asking.test(name)))
    return undefined;
  const { otlpTelemetry } = await import("@tocsin/adapters/telemetry");
  const { version } = await import("./version.ts");
  const { http, clock, close } = nodeHost({ environment });
  const telemetry = await otlpTelemetry({ environment, http, clock, log, masker, version });
  if (telemetry === undefined) return undefined;
  return {
    begin: (name, facts) => telemetry.begin(name, facts),
    close: async () => {
      await telemetry.close();
      await close();
    },
  };
}

/** The `error.type` of a span for an exit code; undefined: all is well. */
export function errorOf(code: number): string | undefined {
  if (code === 0) return undefined;
  if (code === 3) return "undelivered";
  return code === 130 || code === 143 ? "interrupted" : "failed";
}
