import type { Location, Value } from "@tocsin/data/value";

/** Where a value that only a run knows comes from. */
export type Source =
  | {
      readonly kind: "column";
      readonly label: string;
      /** `tag`: text that tells series apart; `field`: what was measured; `other`: not known which. */
      readonly role: "tag" | "field" | "time" | "other";
    }
  | { readonly kind: "now" }
  | { readonly kind: "secret"; readonly key: string | undefined }
  /** A stream that the script reads with `tableFind` and its kin, or an answer from outside. */
  | { readonly kind: "read" | "answer" };

/** Why a value may be null although its column is there. */
export interface NullCause {
  readonly why: "pivot" | "empty window" | "outer join" | "first difference";
  /** The step of the script that makes the nulls. */
  readonly at: Location | undefined;
}

/** A range of numbers. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
  /** Whether the ends are part of it. */
  readonly withLow: boolean;
  readonly withHigh: boolean;
}

/** What a count since the epoch counts. */
export type TimeUnit = "ns" | "us" | "ms" | "s";

/** A value that only a run knows, with all that the script tells about it. */
export interface Unknown {
  readonly kind: "unknown";
  readonly type: Value["kind"] | undefined;
  readonly from: readonly Source[];
  /** The column of the present row that holds it, if it was made of others. */
  readonly as: string | undefined;
  readonly mayBeNull: NullCause | undefined;
  /** The same, should it turn out not to be text: every row of a pivot has its tags, but not all fields. */
  readonly perhapsNull: NullCause | undefined;
  /** The script has made certain that it is not null. */
  readonly sure: boolean;
  /** It is one of these, when the script has compared it. */
  readonly among: readonly Value[] | undefined;
  /** It is none of these. */
  readonly except: readonly Value[];
  /** The numbers that it lies between, when the script has compared it. */
  readonly bounds: Bounds | undefined;
  /** A value like it, for steps that need one: the time of a run stands for any. */
  readonly stands: Value | undefined;
  readonly unit: TimeUnit | undefined;
  /** For a condition: what its answer tells about other values. */
  readonly proves: Proof | undefined;
}

/** What is known of values while a condition holds: the value before, and what it is narrowed to. */
export type Narrowing = ReadonlyMap<Abstract, Abstract>;

/** Nothing is known beyond what the values themselves say. */
export const NO_NARROWING: Narrowing = new Map();

/** What a condition tells when it is true, and when it is false. */
export interface Proof {
  readonly yes: Narrowing;
  readonly no: Narrowing;
  /** The condition may be null, which counts as false and proves nothing. */
  readonly nullable: boolean;
}

/** A text that is known in parts. Two neighbouring parts are never both strings. */
interface Text {
  readonly kind: "text";
  readonly parts: readonly (string | Abstract)[];
}

/** A condition whose answer only a run knows, and the answer that leads to one option of a choice. */
export interface Decision {
  readonly test: Abstract;
  readonly holds: boolean;
  /** The condition in the script; undefined inside the library. */
  readonly at: Location | undefined;
}

/** One of several values, and the decisions that lead to it, outermost first. */
export interface Option {
  readonly value: Abstract;
  readonly when: readonly Decision[];
}

/** What an `if` gives whose condition only a run knows. No option is a choice itself. */
export interface Choice {
  readonly kind: "choice";
  readonly options: readonly Option[];
}

/** A label that a row had and has lost, so that reading it gives null. */
export interface Gone {
  readonly kind: "gone";
  readonly label: string;
  /** The name of the step that took it away. */
  readonly by: string;
  readonly at: Location | undefined;
}

/** A field as the script writes it. */
interface Written {
  readonly key: Location;
  readonly value: Location;
}

/** A record or row: the fields that the script shows, and whether there may be others. */
export interface Row {
  readonly kind: "row";
  readonly fields: ReadonlyMap<string, Abstract>;
  readonly gone: ReadonlyMap<string, Gone>;
  /** Fields beside these: `none`; `tags`: texts, as a bucket gives them; `unknown`: whatever. */
  readonly rest: "none" | "tags" | "unknown";
  /** The step that has left only these fields, when there is no rest. */
  readonly closed: { readonly by: string; readonly at: Location | undefined } | undefined;
  /** The whole row may be missing, and then each of its fields: one side of an outer join. */
  readonly missing: NullCause | undefined;
  /** Fields of the rest may be null where they are no tags: a pivot made them. */
  readonly pivoted: NullCause | undefined;
  /** Fields of the rest that were asked for: the same question has the same answer. */
  readonly asked: Map<string, Abstract>;
  /** Where the script itself writes a field of this record. */
  readonly written: ReadonlyMap<string, Written>;
}

/** An array of which not all is known. */
interface List {
  readonly kind: "list";
  readonly elements: readonly Abstract[];
}

/** A dictionary of which not all is known. */
interface Entries {
  readonly kind: "entries";
  readonly entries: readonly (readonly [key: Abstract, value: Abstract])[];
}

/** The bytes of a request's body: `of` is the record that they are made of. */
interface Body {
  readonly kind: "body";
  readonly form: "event" | "json";
  readonly of: Abstract;
  /** The endpoint's `monitoringTool`, for an event. */
  readonly tool: Abstract | undefined;
}

/** What an expression can be before the script has run: a value, or what is known of one. */
export type Abstract = Value | Unknown | Text | Choice | Gone | Row | List | Entries | Body;

const nothing: Unknown = {
  kind: "unknown",
  type: undefined,
  from: [],
  as: undefined,
  mayBeNull: undefined,
  perhapsNull: undefined,
  sure: false,
  among: undefined,
  except: [],
  bounds: undefined,
  stands: undefined,
  unit: undefined,
  proves: undefined,
};

/** A value of which only `known` is known. Each call makes another value. */
export const unknown = (known: Partial<Omit<Unknown, "kind">> = {}): Unknown => ({
  ...nothing,
  ...known,
});

const kindsOfOwn: ReadonlySet<string> = new Set([
  "unknown",
  "text",
  "choice",
  "gone",
  "row",
  "list",
  "entries",
  "body",
]);

/** Whether the script alone tells what it is. */
export function isValue(one: Abstract): one is Value {
  return !kindsOfOwn.has(one.kind);
}

/** The type of a value, as far as it is known. */
export function typeOf(one: Abstract): Value["kind"] | undefined {
  switch (one.kind) {
    case "unknown":
      return one.type;
    case "text":
      return "string";
    case "row":
      return "record";
    case "list":
      return "array";
    case "entries":
      return "dict";
    case "body":
      return "bytes";
    case "gone":
      return undefined;
    case "choice": {
      const [first, ...others] = one.options.map(({ value }) => typeOf(value));
      return others.every((type) => type === first) ? first : undefined;
    }
    case "null":
      return one.of;
    default:
      return one.kind;
  }
}

/** The value, if every part of it is known. */
export function valueOf(one: Abstract): Value | undefined {
  switch (one.kind) {
    case "row": {
      if (one.rest !== "none" || one.missing !== undefined) return undefined;
      const fields = new Map<string, Value>();
      for (const [label, field] of one.fields) {
        const value = valueOf(field);
        if (value === undefined) return undefined;
        fields.set(label, value);
      }
      return { kind: "record", fields };
    }
    case "list": {
      const elements = one.elements.map(valueOf);
      return elements.every((each) => each !== undefined) ? { kind: "array", elements } : undefined;
    }
    default:
      return isValue(one) ? one : undefined;
  }
}

/** The value, or one like it. */
export const standIn = (one: Abstract): Value | undefined =>
  one.kind === "unknown" ? one.stands : valueOf(one);

/** Where all that is not known in a value comes from, each source once. */
export function sourcesOf(...all: readonly Abstract[]): readonly Source[] {
  const found = new Set<Source>();
  const visit = (one: Abstract): void => {
    switch (one.kind) {
      case "unknown":
        return one.from.forEach((source) => void found.add(source));
      case "text":
        return one.parts.forEach((part) => typeof part !== "string" && visit(part));
      case "choice":
        return one.options.forEach(({ value, when }) => {
          visit(value);
          for (const { test } of when) visit(test);
        });
      case "row":
        return one.fields.forEach(visit);
      case "list":
        return one.elements.forEach(visit);
      case "entries":
        return one.entries.forEach((entry) => entry.forEach(visit));
      case "body":
        return visit(one.of);
      default:
    }
  };
  for (const one of all) visit(one);
  return [...found];
}

/** Why a value may be null, when a step of the script can make it so. */
export function nullCauseOf(...all: readonly Abstract[]): NullCause | undefined {
  for (const one of all) if (one.kind === "unknown" && one.mayBeNull) return one.mayBeNull;
  return undefined;
}

/** The most options of a choice; where there are more, they are not told apart. */
const OPTIONS_MAX = 48;

/** One of several values; a single one is itself. Choices inside become options of this one. */
export function choice(options: readonly Option[]): Abstract {
  const flat = options.flatMap(({ value, when }): readonly Option[] =>
    value.kind === "choice"
      ? value.options.map((inner) => ({ value: inner.value, when: [...when, ...inner.when] }))
      : [{ value, when }],
  );
  const [first] = flat;
  if (flat.length > 0 && flat.every(({ value }) => value === first.value)) return first.value;
  if (flat.length <= OPTIONS_MAX) return { kind: "choice", options: flat };
  const values = flat.map(({ value }) => value);
  return unknown({ type: typeOf({ kind: "choice", options: flat }), from: sourcesOf(...values) });
}

/** The options of a choice; any other value is its own, unconditional option. */
export const optionsOf = (one: Abstract): readonly Option[] =>
  one.kind === "choice" ? one.options : [{ value: one, when: [] }];

/** A text made of parts, joined where they are known. Values among them must have become strings. */
export function text(parts: readonly (string | Abstract)[]): Abstract {
  const made: (string | Abstract)[] = [];
  const add = (part: string | Abstract): void => {
    const last = made.at(-1);
    if (typeof part !== "string") {
      if (part.kind === "text") part.parts.forEach(add);
      else if (part.kind === "string") add(part.value);
      else made.push(part);
    } else if (typeof last === "string") made[made.length - 1] = last + part;
    else if (part !== "") made.push(part);
  };
  parts.forEach(add);
  if (made.length === 0) return { kind: "string", value: "" };
  const [only] = made;
  if (made.length > 1 || typeof only !== "string") return { kind: "text", parts: made };
  return { kind: "string", value: only };
}

/** The parts of a text; a known one is its own part. Undefined: it is no text. */
export function partsOf(one: Abstract): readonly (string | Abstract)[] | undefined {
  if (one.kind === "text") return one.parts;
  if (one.kind === "string") return one.value === "" ? [] : [one.value];
  const type = typeOf(one);
  return type === "string" || (one.kind === "unknown" && type === undefined) ? [one] : undefined;
}
