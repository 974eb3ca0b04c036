import { nodeHost } from "@tocsin/adapters/host-node";
import { parse, printAst, renderText } from "@tocsin/language/syntax";
import {
  checkScript,
  compileScript,
  type Explanation,
  explainProgram,
  planText,
  refusals,
} from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { type Command, flag, list, UsageError } from "../command.ts";
import { diagnosticPage, isCode } from "../diagnostic-page.ts";
import { definitionsOf } from "../definitions.ts";
import { pairs } from "../option-values.ts";
import { readScripts, type Script } from "../scripts.ts";

/** `tocsin explain`. */
export const command: Command = {
  summary:
    "Says what a script reads, what it would send, and what it needs. Reads no data, sends nothing.",
  usage: "FILE…|CODE… [--plan | --types | --ast]",
  details: "With the code of a diagnostic, such as E0201, it shows the page about it.",
  options: {
    plan: { type: "boolean", help: "the plan as the script makes it, and as it would run" },
    types: { type: "boolean", help: "the type of each name" },
    ast: { type: "boolean", help: "the syntax tree" },
    define: {
      type: "string",
      multiple: true,
      value: "NAME=FLUX",
      help: "sets an option, or a member of one",
    },
  },
  examples: [
    "tocsin explain alert.flux",
    "tocsin explain --plan alert.flux",
    "tocsin explain W0305",
  ],
  run: async (invocation) => {
    if (invocation.operands.length === 0)
      throw new UsageError("say what to explain: a file, a folder, - or the code of a diagnostic");
    const { streams } = invocation;
    let code = 0;
    for (const word of invocation.operands.filter(isCode)) streams.out.write(diagnosticPage(word));
    const files = invocation.operands.filter((word) => !isCode(word));
    if (files.length === 0) return 0;
    for (const script of await readScripts(files, streams.cwd)) {
      if (flag(invocation, "ast"))
        streams.out.write(`${printAst(parse(script.text, script.name).file)}\n`);
      else if (flag(invocation, "types")) {
        const { typed, tree, diagnostics } = await checkScript(script.text, script.name);
        for (const { name, type } of typed.names()) streams.out.write(`${name}: ${type}\n`);
        const errors = diagnostics.filter(({ severity }) => severity === "error");
        if (errors.length > 0) {
          streams.err.write(renderText({ source: tree.source, diagnostics: errors }));
          code = 1;
        }
      } else {
        const definitions = await definitionsOf(
          pairs(list(invocation, "define"), "--define", "NAME=FLUX"),
        );
        const { tree, diagnostics, program } = compileScript(script.text, script.name);
        const refused = await refusals(tree, diagnostics, definitions.keys());
        if (program === undefined || refused.length > 0) {
          streams.err.write(renderText({ source: tree.source, diagnostics: refused }));
          code = 1;
          continue;
        }
        const told = await explainProgram(program, {
          host: nodeHost(),
          library: standardLibrary,
          definitions,
        });
        streams.out.write(flag(invocation, "plan") ? plans(told) : sentences(script, told));
      }
    }
    return code;
  },
};

function plans(told: Explanation): string {
  return `as written\n${planText(told.logical)}\nas it runs\n${planText(told.physical)}`;
}

function sentences(script: Script, told: Explanation): string {
  const lines = [script.name];
  for (const { bucket, range } of told.reads)
    lines.push(`  reads   bucket ${bucket}, from ${range}`);
  if (told.reads.length === 0) lines.push("  reads   no bucket");
  for (const { to, line } of told.sends) {
    lines.push(
      `  sends   one event a row to ${to}${line === undefined ? "" : ` (line ${line})`}: recorded, ordered, retried`,
    );
  }
  if (told.requests > 0)
    lines.push(
      `  sends   ${told.requests} ${told.requests === 1 ? "request" : "requests"} of its own`,
    );
  if (told.sends.length + told.requests === 0) lines.push("  sends   nothing");
  lines.push(
    `  needs   ${told.secrets.length === 0 ? "no secret" : `the secrets ${told.secrets.join(", ")}`}`,
  );
  lines.push(`  results ${told.results.length === 0 ? "none" : told.results.join(", ")}`);
  return `${lines.join("\n")}\n`;
}
