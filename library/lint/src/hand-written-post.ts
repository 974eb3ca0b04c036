import type { Diagnostic, Span } from "@tocsin/language/syntax";
import type { AbstractRequest } from "./abstract/index.ts";
import { optionsOf, partsOf } from "./abstract/value.ts";
import { callSpan, oncePerPlace, type PlanLint, type Seen, spanIn } from "./plan-lint.ts";

/** A request to On-Call's path that the script makes by hand. */
export const handWrittenPost: PlanLint = {
  codes: ["W0320"],
  look: (seen) =>
    oncePerPlace(
      seen.requests.flatMap((request): Diagnostic[] => {
        const { integration, method, url, node } = request;
        if (integration !== undefined || method !== "POST") return [];
        if (!optionsOf(url).some(({ value }) => isOnCall(partsOf(value)))) return [];
        const better = node === undefined ? "victorops.alert" : "victorops.endpoint";
        return [
          {
            code: "W0320",
            severity: "warning",
            span: placeOf(seen, request),
            message: `this posts to On-Call by hand, which \`${better}\` does: it makes the body, and its events are checked before they page`,
            hint: 'import "contrib/bonitoo-io/victorops": victorops.endpoint(url: url)(mapFn: …)() for rows, victorops.alert(url: url, …) for one event',
          },
        ];
      }),
    ),
};

/** The call that posts; of an endpoint, its address: the call may be the library's. */
function placeOf(seen: Seen, request: AbstractRequest): Span {
  const address = spanIn(seen, seen.script.walk.placeOf(request.url));
  const delivers = request.node?.kind.delivers === true;
  return (delivers ? address : undefined) ?? callSpan(seen, request);
}

function isOnCall(parts: ReturnType<typeof partsOf>): boolean {
  const text = (parts ?? []).filter((part) => typeof part === "string").join("\0");
  return /\/integrations\/generic\/\d{8}\/alert/u.test(text);
}
