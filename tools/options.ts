import { parseArgs } from "node:util";

/** What a tool's command line may say: `--name N` where the default is a number, `--name TEXT`, or `--name`. */
type Defaults = Readonly<Record<string, number | string | boolean>>;

/** As wide as the defaults are in kind. */
type Options<D extends Defaults> = {
  readonly [N in keyof D]: D[N] extends number ? number : D[N] extends string ? string : boolean;
};

/**
 * What the command line says, and the defaults of what it does not. Names that there are not, and numbers
 * that are none, are told with the names there are, and end the tool with 2: a run of an hour must not be
 * one that nobody asked for.
 */
export function optionsOf<const D extends Defaults>(defaults: D): Options<D> {
  try {
    return read(defaults, process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const names = Object.entries(defaults).map(([name, value]) => `--${name}${operandOf(value)}`);
    console.error(`${error.message}\nThere are: ${names.join(", ")}`);
    process.exit(2);
  }
}

function read<D extends Defaults>(defaults: D, args: string[]): Options<D> {
  const options = Object.entries(defaults).map(
    ([name, value]) => [name, { type: typeof value === "boolean" ? "boolean" : "string" }] as const,
  );
  const { values } = parseArgs({ args, options: Object.fromEntries(options) });
  const given = Object.entries(values).map(([name, value]) => {
    if (typeof defaults[name] !== "number") return [name, value];
    if (!/^\d+$/u.test(String(value))) throw new Error(`--${name} ${value}: not a number`);
    return [name, Number(value)];
  });
  return { ...defaults, ...Object.fromEntries(given) };
}

function operandOf(value: Defaults[string]): string {
  return { number: " N", string: " TEXT", boolean: "" }[typeof value as "number"];
}
