import {
  type Duration,
  locationOf,
  Scope,
  type SourceFile,
  type Value,
  windowsOf,
  zeroDuration,
} from "@tocsin/data/value";
import { evaluate } from "@tocsin/engine/expression";
import type { Program } from "@tocsin/engine/interpret";
import type { Expression } from "@tocsin/language/syntax";

/** `option task` of a script, as far as it says when the script runs. */
export interface Task {
  readonly name: string | undefined;
  readonly every: Duration | undefined;
  /** Five or six fields, in UTC. */
  readonly cron: string | undefined;
  /** How much later than its moment a run begins; `now()` stays the moment. */
  readonly offset: Duration;
}

/** The `option task` of a script; undefined when it has none, or none that is made of constants alone. */
export async function taskOf({ tree, file }: Program): Promise<Task | undefined> {
  const scope = new Scope();
  for (const statement of tree.body) {
    if (statement.kind === "VariableAssignment") {
      const value = await constantOf(statement.value, scope, file);
      if (value !== undefined) scope.define(statement.name.name, value);
    }
    if (statement.kind !== "OptionStatement" || statement.target.kind !== "Identifier") continue;
    if (statement.target.name !== "task") continue;
    const value = await constantOf(statement.value, scope, file);
    return value?.kind === "record" ? taskIn(value.fields) : undefined;
  }
  return undefined;
}

/** The value of an expression over constants; undefined for any other. */
async function constantOf(
  expression: Expression,
  scope: Scope,
  file: SourceFile,
): Promise<Value | undefined> {
  try {
    return await evaluate(expression, scope, file);
  } catch {
    return undefined;
  }
}

function taskIn(fields: ReadonlyMap<string, Value>): Task {
  const text = (name: string): string | undefined => {
    const value = fields.get(name);
    return value?.kind === "string" ? value.value : undefined;
  };
  const duration = (name: string): Duration | undefined => {
    const value = fields.get(name);
    return value?.kind === "duration" ? value.value : undefined;
  };
  return {
    name: text("name"),
    every: duration("every"),
    cron: text("cron"),
    offset: duration("offset") ?? zeroDuration,
  };
}

/**
 * Moments of a task that runs `every` so often, from `from` on and before `to`: multiples of it since
 * the epoch, in UTC. Nanoseconds. Undefined when `every` is no length of time.
 */
export function momentsOf(every: Duration, from: bigint, to: bigint): bigint[] | undefined {
  const location = locationOf("UTC", zeroDuration);
  if ("reason" in location) return undefined;
  const windows = windowsOf({ every, period: every, offset: zeroDuration, location });
  if ("reason" in windows) return undefined;
  const all = windows.within({ start: from, stop: to }).map(({ start }) => start);
  return all.filter((moment) => moment >= from && moment < to);
}
