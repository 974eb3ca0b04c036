import { Scope, type Value } from "@tocsin/data/value";
import { evaluate } from "@tocsin/engine/expression";
import type { Definitions } from "@tocsin/engine/interpret";
import { parseExpression } from "@tocsin/language/syntax";
import { UsageError } from "./command.ts";

/**
 * The values of `--define NAME=FLUX`. `v.timeRangeStart=-1h` sets a member of an option, or an option of an imported
 * package. The right side is a Flux expression without names.
 */
export async function definitionsOf(given: ReadonlyMap<string, string>): Promise<Definitions> {
  const found = new Map<string, { value?: Value; members: Map<string, Value> }>();
  for (const [name, source] of given) {
    const value = await evaluated(name, source);
    const [owner, member, ...more] = name.split(".");
    const names = member === undefined ? [owner] : [owner, member];
    if (more.length > 0 || !names.every((one) => /^[\p{L}_][\p{L}\p{Nd}_]*$/u.test(one)))
      throw new UsageError(`--define takes NAME or NAME.MEMBER, not "${name}"`);
    const option = found.get(owner) ?? { members: new Map<string, Value>() };
    if (member === undefined) option.value = value;
    else option.members.set(member, value);
    found.set(owner, option);
  }
  return found;
}

async function evaluated(name: string, source: string): Promise<Value> {
  const file = { name: `--define ${name}`, text: source };
  const expression = parseExpression(source, file.name);
  if (typeof expression === "string")
    throw new UsageError(`--define ${name}: "${source}" is not a Flux expression: ${expression}`);
  try {
    return await evaluate(expression, new Scope(), file);
  } catch (error) {
    throw new UsageError(
      `--define ${name}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
