import type { Work } from "@tocsin/alerting/delivery";
import type { Clock } from "@tocsin/platform/host";
import { version } from "../version.ts";

/** Where `@opentelemetry/api`, of major version 1, keeps what a program registered. */
const registry = Symbol.for("opentelemetry.js.api.1");

/**
 * A piece of work in the traces of the program that uses this library: it has registered a provider with
 * its own `@opentelemetry/api`. Undefined, and nothing is loaded, when it has not. `name` undefined: the
 * work has no span of its own.
 */
export async function followed(name: string | undefined, clock: Clock): Promise<Work | undefined> {
  if (!Object.hasOwn(globalThis, registry)) return undefined;
  const api = await import("@opentelemetry/api").catch(() => undefined);
  if (api === undefined) return undefined;
  const { registeredTelemetry } = await import("@tocsin/adapters/telemetry");
  return registeredTelemetry(api, { clock, version }).begin(name, {});
}
