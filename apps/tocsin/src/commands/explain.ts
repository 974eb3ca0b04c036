import { dirname, resolve } from "node:path";
import { nodeHost } from "@tocsin/adapters/host-node";
import { Masker } from "@tocsin/alerting/oncall";
import { parse, printAst, renderText } from "@tocsin/language/syntax";
import {
  checkScript,
  compileScript,
  type Explanation,
  explainProgram,
  planText,
  pushedText,
  refusals,
} from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { type Command, flag, type Invocation, list, text, UsageError } from "../command.ts";
import { configuration } from "../configuration.ts";
import { diagnosticPage, isCode } from "../diagnostic-page.ts";
import { definitionsOf } from "../definitions.ts";
import { pairs, placeOf } from "../option-values.ts";
import { readScripts, type Script } from "../scripts.ts";
import { withoutKeys } from "../without-keys.ts";

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
    secrets: { type: "string", value: "FILE", help: "as for run: says which secrets are there" },
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
          streams.err.write(
            renderText({ source: tree.source, diagnostics: errors }, { mask: withoutKeys }),
          );
          code = 1;
        }
      } else {
        const definitions = await definitionsOf(
          pairs(list(invocation, "define"), "--define", "NAME=FLUX"),
        );
        const { tree, diagnostics, program } = compileScript(script.text, script.name);
        const refused = await refusals(tree, diagnostics, definitions.keys());
        if (program === undefined || refused.length > 0) {
          streams.err.write(
            renderText({ source: tree.source, diagnostics: refused }, { mask: withoutKeys }),
          );
          code = 1;
          continue;
        }
        if (flag(invocation, "plan")) {
          const host = nodeHost();
          streams.out.write(
            plans(await explainProgram(program, { host, library: standardLibrary, definitions })),
          );
          continue;
        }
        const { explanationOf } = await import("../explanation.ts");
        const lines = await explanationOf(tree, {
          defined: definitions.keys(),
          hasSecret: await secretsAt(script, invocation),
        });
        streams.out.write(new Masker().mask(`${lines.join("\n")}\n`));
      }
    }
    return code;
  },
};

/** Asks whether a secret is there, where a run of the script would look. */
async function secretsAt(
  script: Script,
  invocation: Invocation,
): Promise<(key: string) => Promise<boolean>> {
  const { cwd, env } = invocation.streams;
  const folder = script.path === undefined ? cwd : resolve(cwd, dirname(script.path));
  const given = text(invocation, "secrets") ?? (await configuration(folder, env)).secrets;
  const secrets = placeOf(given, cwd);
  const host = nodeHost({ environment: env, ...(secrets === undefined ? {} : { secrets }) });
  return async (key) => (await host.secrets.get(key)) !== undefined;
}

function plans(told: Explanation): string {
  return `as written\n${planText(told.logical)}\nas it runs\n${planText(told.physical)}\n${pushedText(told)}`;
}
