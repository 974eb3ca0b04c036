/** Types of columns that the generator makes. */
export type Kind = "float" | "int" | "uint" | "string" | "bool" | "time";

/** The tables that a pipeline begins with; steps may come back to them with `data()`. */
export interface Origin {
  readonly columns: ReadonlyMap<string, Kind>;
  readonly key: readonly string[];
}

/** What is known of a stream before it runs. */
export interface Shape {
  readonly origin: Origin;
  readonly columns: ReadonlyMap<string, Kind>;
  /** Columns of the group key. */
  readonly key: readonly string[];
  /** The order of rows within a table is the same on every engine. */
  readonly ordered: boolean;
  /** Tables without rows may be among the others. */
  readonly empties: boolean;
  /** No cell is null. */
  readonly full: boolean;
}

/** The columns of some kinds, keys of groups left out unless `keys`. */
export function labelsOf(
  shape: Shape,
  kinds: readonly Kind[],
  { keys = false }: { readonly keys?: boolean } = {},
): string[] {
  return [...shape.columns]
    .filter(([label, kind]) => kinds.includes(kind) && (keys || !shape.key.includes(label)))
    .map(([label]) => label);
}

/** The stream with other columns. The key keeps those that are still there. */
export function withColumns(shape: Shape, columns: Iterable<readonly [string, Kind]>): Shape {
  const kept = new Map(columns);
  return { ...shape, columns: kept, key: shape.key.filter((label) => kept.has(label)) };
}

/** An array of texts as Flux writes it. */
export const list = (labels: readonly string[]): string =>
  `[${labels.map((label) => JSON.stringify(label)).join(", ")}]`;
