import { nearest } from "@tocsin/language/semantic";
import type { Diagnostic, Fix, Span } from "@tocsin/language/syntax";
import type { Row } from "./abstract/value.ts";
import {
  eventFields as fields,
  oncePerPlace,
  type PlanLint,
  type Seen,
  spanIn,
} from "./plan-lint.ts";

/** Keys that `mapFn` returns and no event has. */
export const ignoredKey: PlanLint = {
  codes: ["W0310"],
  look: (seen) =>
    oncePerPlace(
      seen.events.flatMap(({ variants }) =>
        variants.flatMap((variant) => ignoredIn(seen, variant.fields)),
      ),
    ),
};

function ignoredIn(seen: Seen, record: Row): Diagnostic[] {
  return [...record.written].flatMap(([key, { key: at }]): Diagnostic[] => {
    const span = spanIn(seen, at);
    if (span === undefined || fields.includes(key)) return [];
    const near = nearest(key, fields);
    return [
      {
        code: "W0310",
        severity: "warning",
        span,
        message: `\`${key}\` is no field of the event: the endpoint leaves it out, and On-Call never sees it`,
        hint: hintFor(key, near?.name),
        ...(near?.sure === true && !record.fields.has(near.name)
          ? { fix: rename(span, near.name) }
          : {}),
      },
    ];
  });
}

const rename = (span: Span, name: string): Fix => ({
  description: `write ${name}`,
  edits: [{ span, text: name }],
});

function hintFor(key: string, near: string | undefined): string {
  if (near !== undefined) return `did you mean ${near}?`;
  if (key.startsWith("vo_annotate"))
    return "upstream's endpoint sends no annotations: put the link into stateMessage";
  if (/routing/iu.test(key)) return "the routing key is the last part of the endpoint's URL";
  return `an event has ${fields.join(", ")}: put it into stateMessage`;
}
