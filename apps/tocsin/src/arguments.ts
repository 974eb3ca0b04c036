import { nearest as nearestName } from "@tocsin/language/semantic";

/** How an option is written: `--name value`, `--name=value`, `-n value`; a boolean without a value. */
export interface OptionForm {
  readonly type: "string" | "boolean";
  readonly short?: string;
  /** Whether all of its values count, instead of the last one. */
  readonly multiple?: boolean;
}

/** What was given for an option. */
type OptionValue = string | boolean | string[] | undefined;

/** A command line or configuration that cannot be used: exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** The options and operands of a command line. */
export interface Arguments {
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly operands: readonly string[];
}

/**
 * Reads arguments by the conventions of GNU: options and operands in any order, `--` before the last operands,
 * `-abc` for `-a -b -c`. A value may begin with a dash, which Node's `util.parseArgs` refuses (and that takes
 * half a millisecond to load). Throws `UsageError`.
 */
export function readArguments(
  argv: readonly string[],
  forms: Readonly<Record<string, OptionForm>>,
): Arguments {
  const options: Record<string, OptionValue> = {};
  const operands: string[] = [];
  const left = [...argv];
  const take = (said: string, name: string | undefined, value?: string): void => {
    if (name === undefined || !Object.hasOwn(forms, name)) throw unknown(said, Object.keys(forms));
    const { type, multiple } = forms[name];
    if (type === "boolean" && value !== undefined) throw new UsageError(`${said} takes no value`);
    const given = type === "boolean" || (value ?? left.shift());
    if (given === undefined) throw new UsageError(`${said} needs a value`);
    // An unset variable of a shell gives an empty value.
    if (given === "" && multiple !== true)
      throw new UsageError(`${said} needs a value, not an empty one`);
    if (multiple !== true) options[name] = given;
    else options[name] = [...((options[name] as string[] | undefined) ?? []), String(given)];
  };
  for (let one = left.shift(); one !== undefined; one = left.shift()) {
    if (one === "--") operands.push(...left.splice(0));
    else if (one.startsWith("--")) {
      const [said] = one.split("=", 1);
      take(said, said.slice(2), said === one ? undefined : one.slice(said.length + 1));
    } else if (one.startsWith("-") && one !== "-") {
      for (let at = 1; at < one.length; at++) {
        const [letter, rest] = [one[at], one.slice(at + 1)];
        const name = Object.keys(forms).find((name) => forms[name].short === letter);
        const valued = name !== undefined && forms[name].type === "string" && rest !== "";
        take(`-${letter}`, name, valued ? rest : undefined);
        if (valued) break;
      }
    } else operands.push(one);
  }
  return { options, operands };
}

/** The word among those that are allowed. Throws `UsageError` that names them. `what`: the option. */
export function oneOf<const Word extends string>(
  words: readonly Word[],
  given: string,
  what: string,
): Word {
  const found = words.find((one) => one === given);
  if (found !== undefined) return found;
  const last = words.at(-1);
  const list = words.length === 1 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
  throw new UsageError(`${what} is ${list}, not "${given}"`);
}

function unknown(said: string, known: readonly string[]): UsageError {
  const near = nearest(said.replace(/^-+/, ""), known);
  const hint = near === undefined ? "" : `; did you mean --${near}?`;
  return new UsageError(`there is no option ${said}${hint}`);
}

/** The known word that was most likely meant, if there is one. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  return nearestName(word, known)?.name;
}
