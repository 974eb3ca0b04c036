import { parseArgs, type ParseArgsConfig } from "node:util";
import type { Sink } from "./output.ts";

/** One option of a command. Long names only; `short` where the field expects one. */
export interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
  /** The value's name in help: `DIR`. */
  readonly value?: string;
  readonly help: string;
}

/** What `parseArgs` gives for an option. */
export type OptionValue = string | boolean | (string | boolean)[] | undefined;

/** A command line that was understood. */
export interface Invocation {
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly operands: readonly string[];
  readonly streams: Streams;
}

/** Where a command reads and writes. */
export interface Streams {
  readonly out: Sink;
  readonly err: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** A subcommand of `tocsin`. `run` gives the exit code. */
export interface Command {
  readonly summary: string;
  readonly usage: string;
  readonly details?: string;
  readonly examples: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Its arguments come as they are, for commands that have commands of their own. */
  readonly parsesItself?: boolean;
  run(invocation: Invocation): Promise<number>;
}

/** A command line or configuration that cannot be used: exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** Reads the arguments after the command's name. Throws `UsageError`. */
export function parseInvocation(
  command: Command,
  argv: readonly string[],
  streams: Streams,
): Invocation {
  const options: NonNullable<ParseArgsConfig["options"]> = {
    help: { type: "boolean", short: "h" },
  };
  for (const [name, spec] of Object.entries(command.options)) {
    options[name] = {
      type: spec.type,
      ...(spec.short === undefined ? {} : { short: spec.short }),
      ...(spec.multiple === undefined ? {} : { multiple: spec.multiple }),
    };
  }
  try {
    const parsed = parseArgs({
      args: joinNegativeValues(command, argv),
      options,
      allowPositionals: true,
    });
    return {
      options: parsed.values as Record<string, OptionValue>,
      operands: parsed.positionals,
      streams,
    };
  } catch (error) {
    throw new UsageError(readable(error, Object.keys(options)));
  }
}

/** `--define v.start=-1h` is fine for Node's parser; `--wait -1h` is not, so such values are joined. */
function joinNegativeValues(command: Command, argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const name = argv[i].startsWith("--") ? argv[i].slice(2) : "";
    const next = argv[i + 1];
    const takes = Object.hasOwn(command.options, name) && command.options[name].type === "string";
    if (takes && next !== undefined && next.startsWith("-") && next !== "-") {
      joined.push(`${argv[i]}=${next}`);
      i += 1;
    } else joined.push(argv[i]);
  }
  return joined;
}

/** What Node's parser complains of, in our words, with the near one of the known options. */
export function readable(error: unknown, known: readonly string[]): string {
  const text = error instanceof Error ? error.message : String(error);
  const bare = /^Option '(?:-\w, )?(--[\w-]+) <value>' argument missing/u.exec(text);
  if (bare !== null) return `${bare[1]} needs a value`;
  const surplus = /^Option '(?:-\w, )?(--[\w-]+)' does not take an argument/u.exec(text);
  if (surplus !== null) return `${surplus[1]} takes no value`;
  const unknown = /Unknown option '(-{1,2})([^']*)'/u.exec(text);
  if (unknown === null) return text.replace(/\. To specify.*$/su, "");
  const near = nearest(unknown[2], known);
  return `there is no option ${unknown[1]}${unknown[2]}${near === undefined ? "" : `; did you mean --${near}?`}`;
}

/** The known word that is at most two edits away, if there is one. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.min(3, Math.ceil(word.length / 2) + 1);
  for (const one of known) {
    const distance = editDistance(word.toLowerCase(), one.toLowerCase());
    if (distance < least) {
      least = distance;
      best = one;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
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

/** One option's text, or undefined. */
export function text(invocation: Invocation, name: string): string | undefined {
  const value = invocation.options[name];
  return typeof value === "string" ? value : undefined;
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
