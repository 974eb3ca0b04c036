import { nodeHost } from "@tocsin/adapters/host-node";
import { Masker } from "@tocsin/alerting/oncall";
import type { Definitions } from "@tocsin/engine/interpret";
import {
  type Diagnostic,
  parse,
  printAst,
  renderText,
  type SourceText,
} from "@tocsin/language/syntax";
import {
  checkScript,
  compileScript,
  explainProgram,
  planText,
  pushedText,
  refusals,
} from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { type Command, flag, type Invocation, type Streams, UsageError } from "../command.ts";
import { configuration } from "../configuration.ts";
import { diagnosticPage, isCode } from "../diagnostic-page.ts";
import { folderOf, readScripts, type Script } from "../scripts.ts";
import { defineOption, definitionsGiven, secretsOption, secretsPlace } from "../shared-options.ts";
import { withoutKeys } from "../without-keys.ts";

/** `tocsin explain`. */
export const command: Command = {
  summary:
    "Says what a script reads, what it would send, and what it needs. Reads no data and sends nothing.",
  usage: "FILE…|CODE… [--plan | --types | --ast]",
  details: "For the code of a diagnostic, such as E0201, it shows the page about it.",
  options: {
    plan: { type: "boolean", help: "shows the plan as written, and as it would run" },
    types: { type: "boolean", help: "shows the type of each name" },
    ast: { type: "boolean", help: "shows the syntax tree" },
    secrets: {
      ...secretsOption,
      help: "as for run; used to say which secrets are present",
    },
    define: defineOption,
  },
  examples: [
    "tocsin explain alert.flux",
    "tocsin explain --plan alert.flux",
    "tocsin explain W0305",
  ],
  run: async (invocation) => {
    if (invocation.operands.length === 0)
      throw new UsageError("say what to explain: a file, a folder, - or the code of a diagnostic");
    const { out, cwd } = invocation.streams;
    for (const word of invocation.operands.filter(isCode)) out.write(diagnosticPage(word));
    const files = invocation.operands.filter((word) => !isCode(word));
    if (files.length === 0) return 0;
    const show = viewOf(invocation);
    let code = 0;
    for (const script of await readScripts(files, cwd))
      if (!(await show(script, invocation))) code = 1;
    return code;
  },
};

/** Shows something of a script. Resolves with false when errors in the script keep it from that, and shows them. */
type View = (script: Script, invocation: Invocation) => Promise<boolean>;

function viewOf(invocation: Invocation): View {
  if (flag(invocation, "ast")) return tree;
  if (flag(invocation, "types")) return types;
  return flag(invocation, "plan") ? plans : sentences;
}

const tree: View = async (script, { streams }) => {
  streams.out.write(`${printAst(parse(script.text, script.name).file)}\n`);
  return true;
};

const types: View = async (script, { streams }) => {
  const { typed, tree: checked, diagnostics } = await checkScript(script.text, script.name);
  for (const { name, type } of typed.names()) streams.out.write(`${name}: ${type}\n`);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  return !refused(checked.source, errors, streams);
};

const plans: View = async (script, invocation) => {
  const { streams } = invocation;
  const definitions = await definitionsGiven(invocation);
  const { program } = await compiled(script, definitions, streams);
  if (program === undefined) return false;
  const told = await explainProgram(program, {
    host: nodeHost(),
    library: standardLibrary,
    definitions,
  });
  const [logical, physical] = [planText(told.logical), planText(told.physical)];
  streams.out.write(`as written\n${logical}\nas it runs\n${physical}\n${pushedText(told)}`);
  return true;
};

const sentences: View = async (script, invocation) => {
  const { streams } = invocation;
  const definitions = await definitionsGiven(invocation);
  const { program, tree: checked } = await compiled(script, definitions, streams);
  if (program === undefined) return false;
  const { explanationOf } = await import("../explanation.ts");
  const lines = await explanationOf(checked, {
    defined: definitions.keys(),
    hasSecret: await secretsAt(script, invocation),
  });
  streams.out.write(new Masker().mask(`${lines.join("\n")}\n`));
  return true;
};

/** A script compiled. Its program is undefined when it has errors, which are shown. */
async function compiled(
  script: Script,
  definitions: Definitions,
  streams: Streams,
): Promise<Pick<ReturnType<typeof compileScript>, "program" | "tree">> {
  const { tree: checked, diagnostics, program } = compileScript(script.text, script.name);
  const errors = await refusals(checked, diagnostics, definitions.keys());
  const stops = refused(checked.source, errors, streams);
  return { tree: checked, program: stops ? undefined : program };
}

/** Whether there are errors; shows them. */
function refused(source: SourceText, errors: readonly Diagnostic[], { err }: Streams): boolean {
  if (errors.length === 0) return false;
  err.write(renderText({ source, diagnostics: errors }, { mask: withoutKeys }));
  return true;
}

/** Tells whether a secret is present where a run of the script would look for it. */
async function secretsAt(
  script: Script,
  invocation: Invocation,
): Promise<(key: string) => Promise<boolean>> {
  const { cwd, env } = invocation.streams;
  const place = secretsPlace(invocation, await configuration(folderOf(script, cwd), env));
  const host = nodeHost({ environment: env, ...(place === undefined ? {} : { secrets: place }) });
  return async (key) => (await host.secrets.get(key)) !== undefined;
}
