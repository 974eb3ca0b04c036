/** Types of columns that the generator makes. */
export type Kind = "float" | "int" | "uint" | "string" | "bool" | "time";

/** The tables that a pipeline begins with; steps may come back to them with `data()`. */
export interface Origin {
  readonly columns: ReadonlyMap<string, Kind>;
  readonly key: readonly string[];
}

/** What is known about a stream before it runs. */
export interface Shape {
  readonly origin: Origin;
  readonly columns: ReadonlyMap<string, Kind>;
  /** Columns of the group key. */
  readonly key: readonly string[];
  /** Whether the order of rows within a table is the same in every engine. */
  readonly ordered: boolean;
  /** Whether there may be tables without rows. */
  readonly empties: boolean;
  /** Whether no cell is null. */
  readonly full: boolean;
}

/** The columns of some kinds, with those of the group key only if `keys`. */
export function labelsOf(
  shape: Shape,
  kinds: readonly Kind[],
  { keys = false }: { readonly keys?: boolean } = {},
): string[] {
  return [...shape.columns]
    .filter(([label, kind]) => kinds.includes(kind) && (keys || !shape.key.includes(label)))
    .map(([label]) => label);
}

/** The stream with other columns. The key keeps those of its columns that remain. */
export function withColumns(shape: Shape, columns: Iterable<readonly [string, Kind]>): Shape {
  const kept = new Map(columns);
  return { ...shape, columns: kept, key: shape.key.filter((label) => kept.has(label)) };
}

/** An array of texts as Flux writes it. */
export const list = (labels: readonly string[]): string =>
  `[${labels.map((label) => JSON.stringify(label)).join(", ")}]`;
