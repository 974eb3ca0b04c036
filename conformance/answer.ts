import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBuckets } from "@tocsin/adapters/buckets";
import { Masker, recordingDeliveries } from "@tocsin/alerting/oncall";
import { parseTime } from "@tocsin/data/value";
import { type Diagnostic, printAst, renderText, type SourceText } from "@tocsin/language/syntax";
import { checkScript, compileScript, explainProgram, explainSilence, fixScript, planText, runProgram, silenceLines } from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { memoryHost, memorySecrets, SimulatedClock } from "@tocsin/platform/host";
import type { Golden } from "./golden.ts";
import { renderTables, ResultCollector } from "./render.ts";

const clockStart = 1_767_225_600_000_000_000n;

/** Tocsin's answer to a golden case: a text for each section that the case has. */
export async function answer(golden: Golden): Promise<Map<string, string>> {
  const script = golden.sections.get("script") ?? "";
  const out = new Map<string, string>();
  const wants = (section: string): boolean => golden.sections.has(section);
  if (wants("diagnostics") || wants("types") || wants("ast") || wants("fixed")) {
    const { tree, diagnostics, typed } = await checkScript(script, "script.flux");
    out.set("diagnostics", shown(tree.source, diagnostics));
    out.set("ast", `${printAst(tree)}\n`);
    out.set("types", typed.names().map(({ name, type }) => `${name}: ${type}\n`).join(""));
    if (wants("fixed")) out.set("fixed", await fixScript(script, "script.flux"));
  }
  if (wants("table") || wants("requests") || wants("errors") || wants("plan")) {
    for (const [section, text] of await ran(golden, script)) out.set(section, text);
  }
  return out;
}

function shown(source: SourceText, diagnostics: readonly Diagnostic[]): string {
  return diagnostics.length === 0 ? "none\n" : renderText({ source, diagnostics });
}

async function ran(golden: Golden, script: string): Promise<Map<string, string>> {
  const { program, diagnostics } = compileScript(script, "script.flux");
  if (program === undefined) return new Map([["errors", diagnostics.map(({ message }) => `${message}\n`).join("")]]);
  const masker = new Masker();
  const secrets = Object.fromEntries(lines(golden.sections.get("secrets")).map((one) => one.split("=")));
  const data = [...golden.sections].filter(([name]) => name.startsWith("data "));
  const host = memoryHost({
    clock: new SimulatedClock(clockStart),
    secrets: memorySecrets(secrets),
  });
  const folder = mkdtempSync(join(tmpdir(), "tocsin-golden-"));
  const named = Object.fromEntries(
    data.map(([name, text]) => {
      const path = join(folder, `${name.slice(5).replaceAll("/", "-")}.lp`);
      writeFileSync(path, text);
      return [name.slice(5), path];
    }),
  );
  const buckets = openBuckets({ dataDir: undefined, named, host, env: {} });
  const deliveries = recordingDeliveries();
  const collector = new ResultCollector();
  const given = golden.head.get("now");
  const now = given === undefined ? clockStart : parseTime(given);
  if (typeof now !== "bigint") throw new Error(`${golden.path}: now: ${now.reason}`);
  const report = await runProgram(
    program,
    { host, buckets, deliveries, library: standardLibrary, now, onSecret: (key, value) => masker.add(key, value) },
    { push: (name, batch) => collector.push(name, batch), finish: () => undefined },
  );
  const errors = [
    ...report.errors.map(({ result, error }) => `${result === undefined ? "" : `${result}: `}${error.message}\n`),
    ...report.badRows.map(({ row, error }) => `row ${row}: ${error.message}\n`),
    ...report.remarks.map(({ text }) => `remark: ${text}\n`),
    ...silenceLines(await explainSilence(report, buckets)).map((text) => `remark: ${text}\n`),
  ];
  const requests = deliveries.requests.map(({ request, body }) => `${request.method} ${request.url}\n${body}\n`);
  const sections = new Map([
    ["table", renderTables(collector.tables())],
    ["requests", masker.mask(requests.join(""))],
    ["errors", masker.mask(errors.join(""))],
  ]);
  if (golden.sections.has("plan")) {
    const { logical, physical } = await explainProgram(program, { host, library: standardLibrary, now });
    sections.set("plan", `${planText(logical)}\n${planText(physical)}`);
  }
  rmSync(folder, { recursive: true, force: true });
  return sections;
}

function lines(text: string | undefined): string[] {
  return (text ?? "").split("\n").filter((line) => line !== "");
}
