import {
  type Diagnostic,
  jsonDiagnostics,
  renderGithub,
  renderText,
  sarifLog,
  type SourceText,
} from "@tocsin/language/syntax";
import { semanticCodes } from "@tocsin/language/semantic";
import { lintCodes } from "@tocsin/library/lint";
import { checkScript, fixScript } from "@tocsin/library/runtime";
import { choice, type Command, flag, type Invocation, UsageError } from "../command.ts";
import { lineDiff } from "../line-diff.ts";
import { readScripts, type Script, writeScript } from "../scripts.ts";
import { version } from "../version.ts";
import { withoutKeys } from "../without-keys.ts";

const formats = ["text", "json", "sarif", "github"] as const;

/** `tocsin check`. */
export const command: Command = {
  summary: "Finds the mistakes in scripts, and fixes those whose fix is certain.",
  usage: "FILE… [--fix | --diff]",
  details: "Exits 1 when an error is left (with --strict also when a warning is).",
  options: {
    fix: { type: "boolean", help: "makes every certain fix in the files; reports what is left" },
    diff: { type: "boolean", help: "shows what --fix would change; writes nothing" },
    strict: { type: "boolean", help: "exits 1 for warnings, too" },
    format: {
      type: "string",
      value: "FORMAT",
      help: "text, json, sarif or github (default: text)",
    },
  },
  examples: [
    "tocsin check alert.flux",
    "tocsin check --fix alerts/",
    "tocsin check --format json - < alert.flux",
  ],
  run: async (invocation) => {
    if (invocation.operands.length === 0)
      throw new UsageError("say which script to check: a file, a folder or -");
    const format = choice(invocation, "format", formats);
    const reports: { name: string; source: SourceText; diagnostics: readonly Diagnostic[] }[] = [];
    for (const script of await readScripts(invocation.operands, invocation.streams.cwd)) {
      const present = await fixed(script, invocation);
      const { tree, diagnostics } = await checkScript(present, script.name);
      reports.push({ name: script.name, source: tree.source, diagnostics });
    }
    show(reports, format, invocation);
    const severities = reports.flatMap(({ diagnostics }) =>
      diagnostics.map(({ severity }) => severity),
    );
    return severities.some((one) => one === "error" || flag(invocation, "strict")) ? 1 : 0;
  },
};

/** The text to report on: with `--fix` the fixed one, which is also written. */
async function fixed(script: Script, invocation: Invocation): Promise<string> {
  if (!flag(invocation, "fix") && !flag(invocation, "diff")) return script.text;
  const result = await fixScript(script.text, script.name);
  if (flag(invocation, "diff")) {
    invocation.streams.out.write(lineDiff(script.name, script.text, result));
    return script.text;
  }
  if (script.path === undefined) invocation.streams.out.write(result);
  else if (result !== script.text) writeScript(script, result, invocation.streams.cwd);
  return result;
}

function show(
  reports: readonly { name: string; source: SourceText; diagnostics: readonly Diagnostic[] }[],
  format: (typeof formats)[number],
  invocation: Invocation,
): void {
  const { out, env } = invocation.streams;
  if (flag(invocation, "diff")) return;
  switch (format) {
    case "json":
      out.write(`${JSON.stringify(jsonDiagnostics(reports), null, 2)}\n`);
      return;
    case "sarif":
      out.write(
        `${JSON.stringify(sarifLog(reports, { version, titles: { ...semanticCodes, ...lintCodes } }), null, 2)}\n`,
      );
      return;
    case "github":
      out.write(renderGithub(reports));
      return;
    case "text": {
      // The mended text of standard input is on standard output; what is left must not get into it.
      const { streams, operands } = invocation;
      const to = flag(invocation, "fix") && operands.includes("-") ? streams.err : streams.out;
      const color = to.isTTY === true && (env["NO_COLOR"] ?? "") === "";
      for (const one of reports) to.write(renderText(one, { color, mask: withoutKeys }));
    }
  }
}
