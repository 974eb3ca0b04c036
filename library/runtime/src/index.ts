export { type Compiled, compileScript, programOf } from "./compile.ts";
export type { Remark, RunReport } from "./report.ts";
export { type RunOptions, runProgram, type TableSink } from "./run.ts";
export { type Environment, ScriptRun } from "./script-run.ts";
