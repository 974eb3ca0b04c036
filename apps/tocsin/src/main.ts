import {
  type Command,
  helpText,
  nearest,
  parseInvocation,
  type Streams,
  UsageError,
} from "./command.ts";

/** The commands, each loaded when it is called. */
const commands: Readonly<
  Record<string, { summary: string; load: () => Promise<{ readonly command: Command }> }>
> = {
  run: {
    summary: "runs scripts and delivers what they send",
    load: () => import("./commands/run.ts"),
  },
  check: {
    summary: "finds the mistakes in scripts, and fixes those whose fix is certain",
    load: () => import("./commands/check.ts"),
  },
  fmt: { summary: "formats scripts", load: () => import("./commands/fmt.ts") },
  test: { summary: "runs test cases", load: () => import("./commands/test.ts") },
  write: {
    summary: "writes line protocol or annotated CSV into an embedded bucket",
    load: () => import("./commands/write.ts"),
  },
  explain: {
    summary: "says what a script reads, sends and needs",
    load: () => import("./commands/explain.ts"),
  },
  backtest: {
    summary: "shows the pages that a script would have caused over stored history",
    load: () => import("./commands/backtest.ts"),
  },
  doc: {
    summary: "shows the documentation of a function or a package",
    load: () => import("./commands/doc.ts"),
  },
  outbox: {
    summary: "shows and manages the events on their way to On-Call",
    load: () => import("./commands/outbox.ts"),
  },
  why: {
    summary: "says what was sent about an entity, and why it paged or did not",
    load: () => import("./commands/why.ts"),
  },
  doctor: {
    summary: "checks everything that a page has to pass",
    load: () => import("./commands/doctor.ts"),
  },
  sandbox: {
    summary: "starts a local stand-in for Splunk On-Call",
    load: () => import("./commands/sandbox.ts"),
  },
};

/** Runs one command line; gives the exit code. Nothing is thrown for bad input. */
export async function main(argv: readonly string[], streams: Streams): Promise<number> {
  const [name, ...rest] = argv;
  if (name === "help" && rest.length > 0) return main([...rest.slice(0, 1), "--help"], streams);
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    streams.out.write(overview());
    return 0;
  }
  if (name === "--version" || name === "-V" || name === "version") {
    streams.out.write(`tocsin ${(await import("./version.ts")).version}\n`);
    return 0;
  }
  if (!Object.hasOwn(commands, name)) {
    const near = nearest(name, Object.keys(commands));
    streams.err.write(
      `tocsin: there is no command "${name}"${near === undefined ? "" : `; did you mean ${near}?`}\n`,
    );
    streams.err.write("Run `tocsin help` for the list.\n");
    return 2;
  }
  try {
    const { command } = await commands[name].load();
    const help = rest.includes("--help") || rest.includes("-h");
    const invocation =
      command.parsesItself === true && !help
        ? { options: {}, operands: rest, streams }
        : parseInvocation(command, help ? ["--help"] : rest, streams);
    if (invocation.options["help"] === true) {
      streams.out.write(helpText(name, command));
      return 0;
    }
    return await command.run(invocation);
  } catch (error) {
    return complain(name, error, streams);
  }
}

function complain(name: string, error: unknown, streams: Streams): number {
  const message = error instanceof Error ? error.message : String(error);
  streams.err.write(`tocsin ${name}: ${message}\n`);
  if (hasHint(error)) streams.err.write(`Hint: ${error.hint}\n`);
  if (error instanceof UsageError) {
    streams.err.write(`Run \`tocsin ${name} --help\` for its usage.\n`);
    return 2;
  }
  if (streams.env["TOCSIN_DEBUG"] !== undefined && error instanceof Error)
    streams.err.write(`${error.stack}\n`);
  return hasExitCode(error) ? error.exitCode : 1;
}

/** Errors of scripts and buckets say what to do. */
function hasHint(error: unknown): error is { readonly hint: string } {
  return error instanceof Error && "hint" in error && typeof error.hint === "string";
}

/** Errors of configuration and of stores say themselves how the process should end. */
function hasExitCode(error: unknown): error is { readonly exitCode: number } {
  return (
    typeof error === "object" &&
    error !== null &&
    "exitCode" in error &&
    typeof error.exitCode === "number"
  );
}

function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const rows = Object.entries(commands).map(
    ([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`,
  );
  return [
    "Tocsin runs Flux alert scripts anywhere and makes sure the page reaches the person on call.",
    "",
    "Usage: tocsin COMMAND [OPTION…]",
    "",
    "Commands:",
    ...rows,
    "",
    "`tocsin COMMAND --help` shows a command's options and examples.",
    "",
  ].join("\n");
}
