import type { BasicName } from "./type.ts";

/** What a type can do. In the order in which they are printed. */
export const kindNames = [
  "Addable",
  "Basic",
  "Comparable",
  "Divisible",
  "Equatable",
  "Label",
  "Negatable",
  "Nullable",
  "Numeric",
  "Record",
  "Stringable",
  "Subtractable",
  "Timeable",
] as const;

export type Kind = (typeof kindNames)[number];

/** A set of kinds as bits. */
export function kindBits(...kinds: readonly Kind[]): number {
  let bits = 0;
  for (const kind of kinds) bits |= 1 << kindNames.indexOf(kind);
  return bits;
}

/** The kinds in a set, sorted by name. */
export function kindsIn(bits: number): Kind[] {
  return kindNames.filter((_, at) => (bits & (1 << at)) !== 0);
}

export function isKind(name: string): name is Kind {
  return (kindNames as readonly string[]).includes(name);
}

const numbers = kindBits(
  "Addable",
  "Subtractable",
  "Divisible",
  "Numeric",
  "Comparable",
  "Equatable",
  "Nullable",
  "Basic",
  "Stringable",
  "Negatable",
);

const strings = kindBits("Addable", "Comparable", "Equatable", "Nullable", "Basic", "Stringable");

/** What each basic type can do: the table of upstream's type checker. */
export const kindsOf: Readonly<Record<BasicName, number>> = {
  int: numbers,
  uint: numbers,
  float: numbers,
  string: strings,
  bool: kindBits("Equatable", "Nullable", "Basic", "Stringable"),
  duration: kindBits(
    "Comparable",
    "Equatable",
    "Nullable",
    "Basic",
    "Negatable",
    "Stringable",
    "Timeable",
  ),
  time: kindBits("Comparable", "Equatable", "Nullable", "Basic", "Timeable", "Stringable"),
  bytes: kindBits("Equatable", "Basic"),
  regexp: kindBits("Basic"),
};

/** A label is a string that is known to the checker. */
export const labelKinds = strings | kindBits("Label");
