import { limits } from "@tocsin/alerting/oncall";
import type { Diagnostic } from "@tocsin/language/syntax";
import { codePointCount } from "@tocsin/data/value";
import type { AbstractRequest } from "./abstract/index.ts";
import { type Abstract, optionsOf, partsOf } from "./abstract/value.ts";
import {
  callSpan,
  oncePerPlace,
  type Placed,
  placedValues,
  type PlanLint,
  type Seen,
  spanIn,
} from "./plan-lint.ts";

const bounds: readonly (readonly [field: string, most: number])[] = [
  ["entityID", limits.entityId],
  ["stateMessage", limits.stateMessage],
  ["entityDisplayName", limits.field],
  ["monitoringTool", limits.field],
];

/** Fields whose constant part alone is longer than On-Call takes. */
export const fieldLimit: PlanLint = {
  codes: ["W0313"],
  look: (seen) =>
    oncePerPlace(
      seen.events.flatMap((request) =>
        bounds.flatMap(([field, most]) =>
          valuesOf(seen, request, field).flatMap(({ value, span }): Diagnostic[] => {
            const length = shortest(value);
            return length > most ? [said(field, { length, most, span })] : [];
          }),
        ),
      ),
    ),
};

function valuesOf(
  seen: Seen,
  request: AbstractRequest,
  field: string,
): readonly Pick<Placed, "value" | "span">[] {
  const own = placedValues(seen, request, field);
  if (field !== "monitoringTool" || request.tool === undefined) return own;
  const { tool } = request;
  return [
    ...own,
    { value: tool, span: spanIn(seen, seen.script.walk.placeOf(tool)) ?? callSpan(seen, request) },
  ];
}

function said(
  field: string,
  { length, most, span }: { length: number; most: number; span: Diagnostic["span"] },
): Diagnostic {
  return {
    code: "W0313",
    severity: "warning",
    span,
    message: `the ${field} has at least ${length} characters, but On-Call takes ${most}`,
    hint:
      field === "entityID"
        ? "a cut entityID may be that of another incident: name what is in trouble in a few words"
        : "what is longer is cut off: say the important things first, and less",
  };
}

/** Characters that a text has at least, whatever its columns hold. */
function shortest(value: Abstract): number {
  const parts = partsOf(value) ?? [];
  return parts.reduce<number>((sum, part) => {
    if (typeof part === "string") return sum + codePointCount(part);
    return (
      sum +
      (part.kind === "choice" ? Math.min(...optionsOf(part).map((one) => shortest(one.value))) : 0)
    );
  }, 0);
}
