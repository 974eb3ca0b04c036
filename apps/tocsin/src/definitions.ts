import { record, Scope, type Value } from "@tocsin/data/value";
import { evaluate } from "@tocsin/engine/expression";
import { parse } from "@tocsin/language/syntax";
import { UsageError } from "./command.ts";

/**
 * Values of `--define NAME=FLUX`. `v.timeRangeStart=-1h` sets a member: all members of one name make
 * one record. What stands on the right is a Flux expression without names.
 */
export async function definitionsOf(
  given: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, Value>> {
  const values = new Map<string, Value>();
  const members = new Map<string, Map<string, Value>>();
  for (const [name, source] of given) {
    const value = await evaluated(name, source);
    const [owner, member, ...more] = name.split(".");
    if (more.length > 0) throw new UsageError(`--define takes NAME or NAME.MEMBER, not "${name}"`);
    if (member === undefined) values.set(owner, value);
    else members.set(owner, (members.get(owner) ?? new Map<string, Value>()).set(member, value));
  }
  for (const [owner, fields] of members) values.set(owner, record(fields));
  return values;
}

async function evaluated(name: string, source: string): Promise<Value> {
  const file = { name: `--define ${name}`, text: source };
  const { file: tree, diagnostics } = parse(source, file.name);
  const [statement] = tree.body;
  if (
    diagnostics.length > 0 ||
    tree.body.length !== 1 ||
    statement.kind !== "ExpressionStatement"
  ) {
    const why = diagnostics[0]?.message ?? "it is not one expression";
    throw new UsageError(`--define ${name}: "${source}" is no Flux expression: ${why}`);
  }
  try {
    return await evaluate(statement.expression, new Scope(), file);
  } catch (error) {
    throw new UsageError(
      `--define ${name}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
