import { type LogicalNode, nodesOf } from "@tocsin/engine/plan";
import type { Diagnostic } from "@tocsin/language/syntax";
import type { AbstractRequest } from "./abstract/index.ts";
import type { Abstract, Bounds } from "./abstract/value.ts";
import { isSame } from "./abstract/element.ts";
import { entitiesOf, holdsMystery, messageTypesOf, opens, sourcesIn } from "./entity.ts";
import { fieldChoice } from "./abstract/index.ts";
import { fieldSpan, type PlanLint, type Seen } from "./plan-lint.ts";

/** Two pipelines open the same incident: each resolves what the other has opened. */
export const twoOpeners: PlanLint = {
  codes: ["W0318"],
  look: (seen) => {
    const openers = seen.events.filter((event) => [...messageTypesOf(event)].some(opens));
    const told = new Set<string>();
    return openers.flatMap((second, i): Diagnostic[] => {
      const first = openers.slice(0, i).find((one) => collide(one, second));
      if (first === undefined) return [];
      const entity = [...entitiesOf(second)].join();
      if (told.has(entity)) return [];
      told.add(entity);
      return [said(seen, first, second)];
    });
  },
};

function said(seen: Seen, first: AbstractRequest, second: AbstractRequest): Diagnostic {
  const span = fieldSpan(seen, second, "entityID");
  const other = fieldSpan(seen, first, "entityID");
  const same = other.start === span.start;
  return {
    code: "W0318",
    severity: "warning",
    span,
    message:
      "two pipelines open incidents for the same entity: they become one incident, and what one resolves may still be trouble for the other",
    hint: "give each its own entityID, for example with what it measures in it",
    labels: same ? [] : [{ span: other, text: "the same entity is opened here" }],
  };
}

function collide(one: AbstractRequest, other: AbstractRequest): boolean {
  const entity = fieldChoice(other, "entityID");
  if (holdsMystery(entity) || (entity.kind === "string" && entity.value === "")) return false;
  const mine = entitiesOf(one);
  if (![...entitiesOf(other)].some((each) => mine.has(each))) return false;
  if (
    one.node !== undefined &&
    other.node !== undefined &&
    (standsOn(one.node, other.node) || standsOn(other.node, one.node))
  )
    return false;
  // Calls that the script makes by itself are all made.
  if (one.rows === undefined || other.rows === undefined) return true;
  const pinned = differ(one, other);
  // What differs is part of the entity: then the entities differ.
  const named = sourcesIn(entity).flatMap((source) =>
    source.kind === "column" ? [source.label] : [],
  );
  if (pinned.some((label) => named.includes(label))) return false;
  if (pinned.some((label) => ofData.has(label))) return true;
  if (pinned.length > 0) return false;
  return sharesType(one, other) || surelyOverlap(one, other);
}

/** Columns that say what the data is about: where they differ, the trouble is another one. */
const ofData: ReadonlySet<string> = new Set(["_measurement", "_field", "_check_name", "_check_id"]);

function sharesType(one: AbstractRequest, other: AbstractRequest): boolean {
  const types = messageTypesOf(other);
  return [...messageTypesOf(one)].some((type) => opens(type) && types.has(type));
}

/** Both conditions are known, and a row can meet both: a WARNING follows each CRITICAL. */
function surelyOverlap(one: AbstractRequest, other: AbstractRequest): boolean {
  const theirs = other.rows?.row.fields;
  return [...(one.rows?.row.fields ?? [])].some(([label, value]) => {
    const same = theirs?.get(label);
    if (value.kind !== "unknown" || same?.kind !== "unknown") return false;
    return value.bounds !== undefined && same.bounds !== undefined;
  });
}

/** The rows of one are what the other has sent: to send them on is another matter. */
const standsOn = (node: LogicalNode, on: LogicalNode): boolean =>
  node !== on && nodesOf([{ name: "", node }]).includes(on);

/** Columns in which a row of one cannot be a row of the other. */
function differ(one: AbstractRequest, other: AbstractRequest): string[] {
  const [mine, theirs] = [one.rows?.row, other.rows?.row];
  if (mine === undefined || theirs === undefined) return [];
  const labels = new Set([...mine.fields.keys(), ...mine.asked.keys()]);
  return [...labels].filter((label) =>
    disjoint(
      mine.fields.get(label) ?? mine.asked.get(label),
      theirs.fields.get(label) ?? theirs.asked.get(label),
    ),
  );
}

function disjoint(one: Abstract | undefined, other: Abstract | undefined): boolean {
  if (one?.kind === "choice" && other?.kind === "choice") {
    const theirs = other.options.map(({ value }) => value);
    return one.options.every(({ value }) => !theirs.includes(value));
  }
  if (one?.kind !== "unknown" || other?.kind !== "unknown") {
    return (
      one !== undefined &&
      other !== undefined &&
      isConstant(one) &&
      isConstant(other) &&
      !isSame(one, other)
    );
  }
  if (one.among !== undefined && other.among !== undefined) {
    const theirs = other.among;
    return one.among.every((value) => !theirs.some((each) => isSame(each, value)));
  }
  return one.bounds !== undefined && other.bounds !== undefined && apart(one.bounds, other.bounds);
}

const isConstant = (value: Abstract): value is Extract<Abstract, { kind: "string" | "bool" }> =>
  value.kind === "string" || value.kind === "bool";

function apart(one: Bounds, other: Bounds): boolean {
  const below = (low: Bounds, high: Bounds): boolean =>
    low.high < high.low || (low.high === high.low && !(low.withHigh && high.withLow));
  return below(one, other) || below(other, one);
}
