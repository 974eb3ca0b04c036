import { format, parse, renderText } from "@tocsin/language/syntax";
import { type Command, flag, UsageError } from "../command.ts";
import { readScripts, writeScript } from "../scripts.ts";
import { withoutKeys } from "../without-keys.ts";

/** `tocsin fmt`. */
export const command: Command = {
  summary: "Formats scripts. Comments and meaning stay as they are.",
  usage: "FILE… [--write | --check]",
  details:
    "Without an option the formatted text is written to standard output. A script with errors is not changed.",
  options: {
    write: { type: "boolean", short: "w", help: "writes the files in place" },
    check: {
      type: "boolean",
      short: "c",
      help: "lists the files that are not formatted; exits 1 when there are any",
    },
  },
  examples: ["tocsin fmt --write alerts/", "tocsin fmt - < alert.flux"],
  run: async (invocation) => {
    if (invocation.operands.length === 0)
      throw new UsageError("say which script to format: a file, a folder or -");
    const { streams } = invocation;
    let code = 0;
    for (const script of await readScripts(invocation.operands, streams.cwd)) {
      const { file, diagnostics } = parse(script.text, script.name);
      if (diagnostics.some(({ severity }) => severity === "error")) {
        streams.err.write(renderText({ source: file.source, diagnostics }, { mask: withoutKeys }));
        code = 1;
        continue;
      }
      const formatted = format(file);
      const changed = formatted !== script.text;
      if (flag(invocation, "check")) {
        if (changed) streams.out.write(`${script.name}\n`);
        if (changed) code = 1;
      } else if (flag(invocation, "write") && script.path !== undefined) {
        if (changed) writeScript(script, formatted, streams.cwd);
      } else streams.out.write(formatted);
    }
    return code;
  },
};
