export { otlpTelemetry, type OtlpWorld } from "./open.ts";
export { registeredTelemetry } from "./registered.ts";
export type { Telemetry } from "./telemetry.ts";
