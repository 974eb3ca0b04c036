export { EventError, RunError, ScriptError } from "./api/errors.ts";
export { check, compile, type CompileOptions } from "./api/program.ts";
export { type Finished, run, type Running, type RunOptions, type TableRows } from "./api/run.ts";
export * as victorops from "./api/victorops.ts";
export type { WorldOptions } from "./api/world.ts";
export { version } from "./version.ts";
