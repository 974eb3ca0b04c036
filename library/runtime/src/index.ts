export { checkScript, type CheckedScript, fixScript, refusals } from "./check.ts";
export { type Explanation, explainProgram, planText } from "./explain.ts";
export { type Compiled, compileScript, programOf } from "./compile.ts";
export type { Remark, RunReport } from "./report.ts";
export { type RunOptions, runProgram, type TableSink } from "./run.ts";
export { explainSilence, type Silence, silenceLines, type SilentStep } from "./silence.ts";
export { type Environment, ScriptRun } from "./script-run.ts";
export { runTestcase, testingHost, type TestOutcome, type TestWorld } from "./run-testcase.ts";
export { extended, type Testcase, testcasesOf } from "./testcase.ts";
