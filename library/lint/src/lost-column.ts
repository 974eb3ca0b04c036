import type { Diagnostic } from "@tocsin/language/syntax";
import type { Read } from "./abstract/trace.ts";
import type { Row } from "./abstract/value.ts";
import { type PlanLint, type Seen, spanIn, textAt } from "./plan-lint.ts";

/** A column is read that a step before has taken away, such as `r._value` after a pivot. */
export const lostColumn: PlanLint = {
  codes: ["W0316"],
  look: (seen) => {
    const told = new Set<string>();
    return seen.script.trace.reads.flatMap((read): Diagnostic[] => {
      const span = spanIn(seen, read.at);
      const place = `${read.label} ${read.within?.span.start ?? 0}`;
      if (span === undefined || read.value.kind !== "gone" || told.has(place)) return [];
      if (read.value.by === "") return [];
      told.add(place);
      return [said(seen, read, { by: read.value.by, at: read.value.at })];
    });
  },
};

function said(
  seen: Seen,
  { label, row, at }: Read,
  taken: { by: string; at: Read["at"] | undefined },
): Diagnostic {
  const step = spanIn(seen, taken.at);
  return {
    code: "W0316",
    severity: "warning",
    span: { start: at.start, end: at.end },
    message: `\`r.${label}\` is always null here: ${takes(taken.by)} takes the column \`${label}\` away`,
    hint: hintFor(label, row, taken.by),
    ...fixOf(seen, { label, row, at }, taken.by),
    labels: step === undefined ? [] : [{ span: step, text: `\`${label}\` is lost here` }],
  };
}

const takes = (by: string): string => (by === "join" ? "the join renames and" : `\`${by}\``);

/** The columns that a pivot has made, as far as filters name them. */
function fieldsOf(row: Row): string[] {
  const fields = [...row.fields].filter(
    ([, value]) =>
      value.kind === "unknown" &&
      value.from.some((one) => one.kind === "column" && one.role === "field"),
  );
  return fields.map(([name]) => name);
}

/** `r._value` after a pivot of one field is that field. */
function fixOf(
  seen: Seen,
  { label, row, at }: Pick<Read, "label" | "row" | "at">,
  by: string,
): Pick<Diagnostic, "fix"> {
  const [only, ...others] = fieldsOf(row);
  const ending = `.${label}`;
  const end = at.end - ending.length;
  const isPlain = textAt(seen, at).endsWith(ending) && /^[a-z_]\w*$/iu.test(only ?? "");
  if (by !== "pivot" || label !== "_value" || others.length > 0 || !isPlain) return {};
  // A function may be called for other rows, too, which still have the column.
  const here = seen.script.trace.reads.filter((read) => read.at.start === at.start);
  if (here.some(({ value }) => value.kind !== "gone")) return {};
  const edits = [{ span: { start: end, end: at.end }, text: `.${only}` }];
  return { fix: { description: `read the field ${only}`, edits } };
}

function hintFor(label: string, row: Row, by: string): string {
  if (by === "pivot") {
    const names = fieldsOf(row).map((name) => `r.${name}`);
    const which = names.length === 0 ? "such as r.usage_idle" : names.join(" or ");
    return `after a pivot each field is a column of its own: ${which}`;
  }
  const left = [...row.fields.keys()].filter((name) => name !== label);
  const there = row.rest === "none" ? `the columns that are left: ${left.join(", ")}` : "";
  if (label === "_time")
    return `an aggregate has no time of its own: use now(), or r._stop where it is left${there === "" ? "" : `; ${there}`}`;
  return there === "" ? "use it before this step" : there;
}
