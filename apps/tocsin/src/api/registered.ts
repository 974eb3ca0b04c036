import type { Work } from "@tocsin/alerting/delivery";
import type { Clock } from "@tocsin/platform/host";
import { version } from "../version.ts";

/** Where version 1 of `@opentelemetry/api` keeps what a program registered. */
const registry = Symbol.for("opentelemetry.js.api.1");

/**
 * A piece of work in the traces of the surrounding program, if it has registered a provider with its own
 * `@opentelemetry/api`; otherwise undefined, and nothing is loaded. Without a `name` the work has no span of its own.
 */
export async function followed(name: string | undefined, clock: Clock): Promise<Work | undefined> {
  if (!Object.hasOwn(globalThis, registry)) return undefined;
  const api = await import("@opentelemetry/api").catch(() => undefined);
  if (api === undefined) return undefined;
  const { registeredTelemetry } = await import("@tocsin/adapters/telemetry");
  return registeredTelemetry(api, { clock, version }).begin(name, {});
}
