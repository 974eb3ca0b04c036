import { messageTypes } from "@tocsin/alerting/oncall";
import type { Diagnostic, Span } from "@tocsin/language/syntax";
import type { AbstractRequest } from "./abstract/index.ts";
import { entitiesOf, messageTypesOf, opens } from "./entity.ts";
import { fieldSpan, placedValues, type PlanLint, type Seen } from "./plan-lint.ts";

/** An incident is opened, and nothing in the script ever resolves it. */
export const noRecovery: PlanLint = {
  codes: ["W0306"],
  look: (seen) => {
    const told = new Set<string>();
    return seen.events.flatMap((request) => {
      const types = messageTypesOf(request);
      const open = [...types].filter(opens);
      if (open.length === 0 || seen.events.some((other) => mayResolve(request, other))) return [];
      const span = openingSpan(seen, request);
      const entity = [...entitiesOf(request)].join();
      if (told.has(entity) || told.has(String(span.start))) return [];
      told.add(entity).add(String(span.start));
      return [said(seen, open, span)];
    });
  },
};

/** `other` may resolve what `request` opens: it sends a RECOVERY, or something unknown, for its entity. */
function mayResolve(request: AbstractRequest, other: AbstractRequest): boolean {
  const types = messageTypesOf(other);
  const resolves = [...types].some(
    (type) => type === undefined || type === "RECOVERY" || !known(type),
  );
  if (!resolves) return false;
  const mine = entitiesOf(request);
  return [...entitiesOf(other)].some((entity) => mine.has(entity));
}

/** A word that On-Call does not know may well be meant to be RECOVERY: that is said elsewhere. */
const known = (type: string): boolean => messageTypes.some((one) => one === type);

function openingSpan(seen: Seen, request: AbstractRequest): Span {
  const opening = placedValues(seen, request, "messageType").find(
    ({ value }) => value.kind === "string" && opens(value.value),
  );
  return opening?.span ?? fieldSpan(seen, request, "messageType");
}

function said(seen: Seen, open: readonly (string | undefined)[], span: Span): Diagnostic {
  const recovering = seen.events.find((other) => messageTypesOf(other).has("RECOVERY"));
  const labels =
    recovering === undefined
      ? {}
      : {
          labels: [
            {
              span: fieldSpan(seen, recovering, "entityID"),
              text: "the RECOVERY here is for another entity",
            },
          ],
        };
  return {
    code: "W0306",
    severity: "warning",
    span,
    message: `${open.join(" and ")} ${open.length === 1 ? "opens" : "open"} an incident, and no RECOVERY with the same entityID ever resolves it`,
    hint: "send RECOVERY with the same entityID when the trouble is over: else the incident stays open, and the next trouble of this entity rolls up into it and pages nobody",
    ...labels,
  };
}
