import type { Location } from "@tocsin/data/value";
import type { LogicalNode } from "@tocsin/engine/plan";
import { fieldOf, row } from "./row.ts";
import { applied } from "./row-functions.ts";
import type { Rows } from "./rows.ts";
import type { AbstractScript } from "./script.ts";
import { type Abstract, choice, type Decision, optionsOf, type Row, unknown } from "./value.ts";

/** One record that `mapFn` may return, and what has to hold for it. */
export interface Variant {
  readonly fields: Row;
  readonly when: readonly Decision[];
}

/** What a delivery sends for any row that comes to it, or a call sends by itself. */
export interface AbstractRequest {
  /** The call in the script that hands the rows over, or that sends. */
  readonly at: Location | undefined;
  /** The delivery, or the step whose function sends for each row; undefined: sent once, by the script. */
  readonly node: LogicalNode | undefined;
  /** The rows that come to it; undefined when the script sends it by itself. */
  readonly rows: Rows | undefined;
  /** Whose endpoint it is; undefined for a request that the script makes by hand. */
  readonly integration: string | undefined;
  readonly method: string;
  readonly url: Abstract;
  /** For an event of On-Call: the records that it may be made of. */
  readonly variants: readonly Variant[];
  /** `monitoringTool` of the endpoint. */
  readonly tool: Abstract | undefined;
}

/** One value that a field of an event may have, and what has to hold for it. */
export interface Possible {
  readonly value: Abstract;
  readonly when: readonly Decision[];
}

/** All requests of a script: of its deliveries in the order of the plan, then those it makes itself. */
export function requestsOf(script: AbstractScript): AbstractRequest[] {
  const delivered = script.nodes
    .filter(({ kind }) => kind.delivers === true)
    .flatMap((node) => deliveredBy(script, node));
  const sent = [
    ...new Map(script.trace.sent.map((one) => [`${one.at?.start} ${one.node?.id}`, one])),
  ];
  return [
    ...delivered,
    ...sent.map(([, one]): AbstractRequest => {
      const rows = one.node?.inputs[0] && script.rowsOf(one.node.inputs[0]);
      return { ...one, rows, ...eventOf(one.data) };
    }),
  ];
}

function deliveredBy(script: AbstractScript, node: LogicalNode): AbstractRequest[] {
  const spec = node.spec as {
    readonly request: Abstract;
    readonly integration: string | undefined;
  };
  const rows = script.rowsOf(node.inputs[0]);
  const asked = applied(script.walk, node, spec.request, [["r", rows.row]]);
  return optionsOf(asked).map(({ value }): AbstractRequest => {
    const request = value.kind === "row" ? value : row([], { rest: "unknown" });
    const url = fieldOf(request, "url");
    const event = eventOf(request.fields.get("data"));
    return {
      at: node.at,
      node,
      rows,
      integration: spec.integration,
      method: "POST",
      url,
      ...event,
    };
  });
}

function eventOf(data: Abstract | undefined): Pick<AbstractRequest, "variants" | "tool"> {
  if (data?.kind !== "body" || data.form !== "event") return { variants: [], tool: undefined };
  const variants = optionsOf(data.of).flatMap(({ value, when }): Variant[] => {
    if (value.kind === "row") return [{ fields: value, when }];
    return value.kind === "record" ? [{ fields: row(value.fields), when }] : [];
  });
  return { variants, tool: data.tool };
}

/** Everything that a field of the request's events may be, over all branches. */
export function possibleValues(request: AbstractRequest, field: string): Possible[] {
  return request.variants.flatMap(({ fields, when }) =>
    optionsOf(fields.fields.get(field) ?? fieldOf(fields, field)).map((option) => ({
      value: option.value,
      when: [...when, ...option.when],
    })),
  );
}

/** The same as one value: a choice, where there are several. */
export function fieldChoice(request: AbstractRequest, field: string): Abstract {
  const possible = possibleValues(request, field);
  return possible.length === 0 ? unknown() : choice(possible);
}
