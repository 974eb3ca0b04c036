import { type Arguments, oneOf, type OptionForm, readArguments } from "./arguments.ts";
import type { Sink } from "./output.ts";

export { nearest, oneOf, UsageError } from "./arguments.ts";

/** One option of a command. It has a long name, and a `short` one where people expect that from other tools. */
interface OptionSpec extends OptionForm {
  /** The value's name in help: `DIR`. */
  readonly value?: string;
  readonly help: string;
}

/** A command line whose options are known and complete. */
export interface Invocation extends Arguments {
  readonly streams: Streams;
}

/** Where a command reads and writes. */
export interface Streams {
  readonly out: Sink;
  readonly err: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** A subcommand of `tocsin`. `run` resolves with the exit code. */
export interface Command {
  readonly summary: string;
  readonly usage: string;
  readonly details?: string;
  readonly examples: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Whether it gets its arguments unparsed, because it has subcommands of its own. */
  readonly parsesItself?: boolean;
  run(invocation: Invocation): Promise<number>;
}

/** Reads the arguments after the command's name. Throws `UsageError`. */
export function parseInvocation(
  command: Command,
  argv: readonly string[],
  streams: Streams,
): Invocation {
  const forms = { help: { type: "boolean", short: "h" }, ...command.options } as const;
  return { ...readArguments(argv, forms), streams };
}

/** The help text of a command. */
export function helpText(name: string, command: Command): string {
  const lines = [command.summary, "", `Usage: tocsin ${name} ${command.usage}`.trimEnd()];
  if (command.details !== undefined) lines.push("", command.details);
  const rows = Object.entries(command.options).map(([long, spec]) => [
    `${spec.short === undefined ? "    " : `-${spec.short}, `}--${long}${spec.value === undefined ? "" : ` ${spec.value}`}`,
    spec.help,
  ]);
  rows.push(["-h, --help", "shows this"]);
  const width = Math.max(...rows.map(([left]) => left.length));
  lines.push("", "Options:", ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`));
  lines.push("", "Examples:", ...command.examples.map((one) => `  ${one}`));
  return `${lines.join("\n")}\n`;
}

/** The text of an option, or undefined. */
export function text(invocation: Invocation, name: string): string | undefined {
  const value = invocation.options[name];
  return typeof value === "string" ? value : undefined;
}

/** An option that takes one of a few words; the first of them by default. Throws `UsageError` for another word. */
export function choice<const Word extends string>(
  invocation: Invocation,
  name: string,
  words: readonly [Word, ...Word[]],
): Word {
  const given = text(invocation, name);
  return given === undefined ? words[0] : oneOf(words, given, `--${name}`);
}

/** Whether a switch is on. */
export function flag(invocation: Invocation, name: string): boolean {
  return invocation.options[name] === true;
}

/** All values of a repeatable option. */
export function list(invocation: Invocation, name: string): readonly string[] {
  const value = invocation.options[name];
  return Array.isArray(value) ? value.map(String) : [];
}
