import { utf8 } from "@tocsin/platform/host";
import type { Connection, TextCells } from "./duckdb.ts";
import type { Refusal } from "./intake.ts";
import type { PointColumns } from "./point-columns.ts";
import { sorted, type SortedPoints } from "./sorted-points.ts";
import type { StoreFile } from "./store-file.ts";
import { commitsOf, type NewSeries, type NewType, StoreIndex } from "./store-index.ts";
import { writePoints } from "./store-rows.ts";
import { prepareStore } from "./store-schema.ts";
import { tagsText } from "./store-series.ts";

/** Writes points into a store, one commit per call. */
export class StoreWriter {
  readonly #file: StoreFile;
  #index: StoreIndex | undefined;

  constructor(file: StoreFile) {
    this.#file = file;
  }
  /**
   * Stores the points, except those that it returns as refused; after an error none is stored. `taken` is called when
   * everything is done except the end of the commit, which only waits for the disk.
   */
  async commit(
    columns: PointColumns,
    taken?: (refused: readonly Refusal[]) => void,
  ): Promise<readonly Refusal[]> {
    return this.#file.use("write", async (connection) => {
      await prepareStore(connection);
      const index = await this.#presentIndex(connection);
      // Forgotten until the commit, because after an error nobody knows which state it describes.
      this.#index = undefined;
      const conflicts = index.mayConflict(columns);
      const refusals = conflicts ? index.settlePoints(columns) : [];
      const refused = new Set(refusals.map(({ point }) => point));
      const tables = sorted(columns, { refused, seriesOf: index.numbersOf(columns) });
      if (!conflicts) index.settleFields(columns, tables);
      const all = [...columns.faults, ...refusals];
      await write(connection, { index, tables }, () => taken?.(all));
      index.committed(index.commit + 1n);
      this.#index = index;
      return all;
    });
  }

  /** What is known about the store, which is read again after another process has written. */
  async #presentIndex(connection: Connection): Promise<StoreIndex> {
    const known = this.#index;
    if (known !== undefined && known.commit === (await commitsOf(connection))) return known;
    return StoreIndex.load(connection);
  }
}

async function write(
  connection: Connection,
  { index, tables }: { readonly index: StoreIndex; readonly tables: readonly SortedPoints[] },
  appended: () => void,
): Promise<void> {
  await connection.run("BEGIN");
  try {
    appendSeries(connection, index.newSeries);
    appendTypes(connection, index.newTypes);
    for (const table of tables) await writePoints(connection, table);
    appended();
    await connection.run("UPDATE state SET commits = commits + 1");
    await connection.run("COMMIT");
  } catch (error) {
    await connection.run("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

function appendSeries(connection: Connection, added: readonly NewSeries[]): void {
  if (added.length === 0) return;
  const texts = (of: (one: NewSeries) => string): TextCells => cellsOf(added.map(of));
  const columns = [
    Int32Array.from(added, ({ id }) => id),
    texts(({ series }) => series.measurement),
    texts(({ field }) => field),
    texts(({ kind }) => kind),
    texts(({ series }) => tagsText(series.tags)),
  ];
  const types = ["INTEGER", "VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR"] as const;
  connection.append("series", types, columns);
}

/** Texts in UTF-8, equal ones only once. */
function cellsOf(texts: readonly string[]): TextCells {
  const [from, to] = [new Uint32Array(texts.length), new Uint32Array(texts.length)];
  const places = new Map<string, readonly [from: number, to: number]>();
  const pieces: Uint8Array[] = [];
  let size = 0;
  texts.forEach((text, i) => {
    let place = places.get(text);
    if (place === undefined) {
      const piece = utf8.encode(text);
      pieces.push(piece);
      places.set(text, (place = [size, size + piece.length]));
      size += piece.length;
    }
    [from[i], to[i]] = place;
  });
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return { bytes, from, to };
}

function appendTypes(connection: Connection, added: readonly NewType[]): void {
  if (added.length === 0) return;
  const texts = (of: (one: NewType) => string): TextCells => cellsOf(added.map(of));
  const columns = [
    texts(({ measurement }) => measurement),
    texts(({ field }) => field),
    BigInt64Array.from(added, ({ week }) => week),
    texts(({ kind }) => kind),
  ];
  connection.append("field_types", ["VARCHAR", "VARCHAR", "BIGINT", "VARCHAR"], columns);
}
