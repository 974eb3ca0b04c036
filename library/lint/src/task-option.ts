import { nearest } from "@tocsin/language/semantic";
import {
  type Diagnostic,
  keyName,
  type RecordExpression,
  type Span,
} from "@tocsin/language/syntax";
import { type Abstract, typeOf } from "./abstract/value.ts";
import type { PlanLint, Seen } from "./plan-lint.ts";

const durations: readonly string[] = ["every", "offset"];
const fields: readonly string[] = [...durations, "name", "cron", "concurrency", "retry"];

/** `option task` that does not say when the script runs, or that is no option. */
export const taskOption: PlanLint = {
  codes: ["W0325"],
  look: (seen) =>
    seen.tree.body.flatMap((statement): Diagnostic[] => {
      if (statement.kind === "VariableAssignment") {
        const { name, value } = statement;
        if (name.name !== "task" || value.kind !== "RecordExpression") return [];
        return keysOf(value).some((key) => key === "every" || key === "cron")
          ? [noOption(name.span)]
          : [];
      }
      if (statement.kind !== "OptionStatement" || statement.target.kind !== "Identifier") return [];
      const { target, value } = statement;
      return target.name === "task" && value.kind === "RecordExpression" ? ofTask(seen, value) : [];
    }),
};

const keysOf = ({ properties }: RecordExpression): string[] =>
  properties.map(({ key }) => keyName(key));

const warning = (span: Span, message: string, more: Partial<Diagnostic> = {}): Diagnostic => ({
  code: "W0325",
  severity: "warning",
  span,
  message,
  ...more,
});

function noOption(span: Span): Diagnostic {
  const edits = [{ span: { start: span.start, end: span.start }, text: "option " }];
  return warning(span, "`task` is only a variable here: nothing runs the script by it", {
    hint: "write option task = {…}",
    fix: { description: "make it an option", edits },
  });
}

function ofTask(seen: Seen, record: RecordExpression): Diagnostic[] {
  const keys = keysOf(record);
  const found = record.properties.flatMap((property): Diagnostic[] => {
    const key = keyName(property.key);
    if (!fields.includes(key)) {
      const near = nearest(key, fields);
      if (near === undefined || keys.includes(near.name)) return [];
      const edits = [{ span: property.key.span, text: near.name }];
      return [
        warning(property.key.span, `a task has no \`${key}\``, {
          hint: `did you mean ${near.name}?`,
          ...(near.sure ? { fix: { description: `write ${near.name}`, edits } } : {}),
        }),
      ];
    }
    const type = typeIn(seen.script.task, key);
    const wanted = durations.includes(key) ? "duration" : key === "cron" ? "string" : undefined;
    if (wanted === undefined || type === undefined || type === wanted) return [];
    const span = (property.value ?? property.key).span;
    return [
      warning(
        span,
        `\`${key}\` of a task is a ${wanted}, not ${/^[aeiou]/u.test(type) ? "an" : "a"} ${type}`,
        { hint: wanted === "duration" ? "without quotes: 5m" : 'in quotes: "*/5 * * * *"' },
      ),
    ];
  });
  if (found.length > 0 || record.with !== undefined) return found;
  if (keys.includes("every") && keys.includes("cron"))
    return [warning(record.span, "a task runs `every` so often or by `cron`, not both")];
  if (keys.includes("every") || keys.includes("cron")) return [];
  return [
    warning(record.span, "this task does not say when it runs", {
      hint: 'give it every: 5m, or cron: "*/5 * * * *"',
    }),
  ];
}

function typeIn(task: Abstract | undefined, key: string): string | undefined {
  const value = task?.kind === "row" || task?.kind === "record" ? task.fields.get(key) : undefined;
  return value && typeOf(value);
}
