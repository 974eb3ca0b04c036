import type { DuckDBConnection, DuckDBDataChunk, DuckDBType } from "@duckdb/node-api";
import type { FieldKind, LineField } from "@tocsin/data/codec";
import { pointsTable } from "./store-schema.ts";

/** Rows of a chunk: DuckDB's own size. */
const chunkRows = 2048;

/** Points of fields of one kind, on their way into a store. */
export class KindRows {
  readonly kind: FieldKind;
  readonly #series: number[] = [];
  readonly #times: bigint[] = [];
  readonly #values: LineField[2][] = [];
  readonly #latest = new Map<number, bigint>();
  #maybeTwice = false;

  constructor(kind: FieldKind) {
    this.kind = kind;
  }
  get rows(): number {
    return this.#series.length;
  }
  add(series: number, time: bigint, value: LineField[2]): void {
    const latest = this.#latest.get(series);
    if (latest !== undefined && time <= latest) this.#maybeTwice = true;
    else this.#latest.set(series, time);
    this.#series.push(series);
    this.#times.push(time);
    this.#values.push(value);
  }
  /** Writes the rows, in place of those that the store has for the same series and time. */
  async write(connection: DuckDBConnection): Promise<void> {
    if (this.rows === 0) return;
    const rows = this.#maybeTwice ? this.#lastOfEach() : Array.from(this.#series.keys());
    const table = pointsTable[this.kind];
    await this.#replace(connection, table, rows);
    await this.#append(connection, table, rows);
  }

  /** Of rows with one series and time the last. */
  #lastOfEach(): number[] {
    const last = new Map<string, number>();
    for (let row = 0; row < this.rows; row++)
      last.set(`${this.#series[row]}:${this.#times[row]}`, row);
    return [...last.values()].sort((a, b) => a - b);
  }
  async #replace(
    connection: DuckDBConnection,
    table: string,
    rows: readonly number[],
  ): Promise<void> {
    const range = this.#range(rows);
    const found = await connection.run(`SELECT 1 FROM ${table} WHERE ${range} LIMIT 1`);
    if ((await found.getRows()).length === 0) return;
    await connection.run("CREATE TEMP TABLE incoming (time BIGINT, series INTEGER)");
    await this.#append(connection, "incoming", rows);
    await connection.run(
      `DELETE FROM ${table} USING incoming
         WHERE ${range.replaceAll(/\b(time|series)\b/g, `${table}.$1`)}
           AND ${table}.time = incoming.time AND ${table}.series = incoming.series`,
    );
    await connection.run("DROP TABLE incoming");
  }
  /** What all rows lie in: the store skips blocks that do not overlap with it. */
  #range(rows: readonly number[]): string {
    let [firstTime, lastTime] = [this.#times[rows[0]], this.#times[rows[0]]];
    let [firstSeries, lastSeries] = [this.#series[rows[0]], this.#series[rows[0]]];
    for (const row of rows) {
      const time = this.#times[row];
      const series = this.#series[row];
      if (time < firstTime) firstTime = time;
      if (time > lastTime) lastTime = time;
      if (series < firstSeries) firstSeries = series;
      if (series > lastSeries) lastSeries = series;
    }
    return `time BETWEEN ${firstTime} AND ${lastTime} AND series BETWEEN ${firstSeries} AND ${lastSeries}`;
  }
  async #append(
    connection: DuckDBConnection,
    table: string,
    rows: readonly number[],
  ): Promise<void> {
    const { DuckDBDataChunk: Chunk, BIGINT, INTEGER } = await import("@duckdb/node-api");
    const withValues = table !== "incoming";
    const types = [BIGINT, INTEGER, ...(withValues ? [await this.#type()] : [])];
    const appender = await connection.createAppender(table, null, withValues ? null : "temp");
    try {
      const chunk = Chunk.create(types);
      for (let from = 0; from < rows.length; from += chunkRows) {
        const part = rows.slice(from, from + chunkRows);
        chunk.rowCount = part.length;
        setWide(chunk, 0, part, this.#times);
        setWide(chunk, 1, part, this.#series);
        if (withValues) this.#setValues(chunk, part);
        appender.appendDataChunk(chunk);
      }
      appender.flushSync();
    } finally {
      appender.closeSync();
    }
  }
  #setValues(chunk: DuckDBDataChunk, rows: readonly number[]): void {
    if (this.kind === "string" || this.kind === "bool") {
      chunk.setColumnValues(
        2,
        rows.map((row) => this.#values[row]),
      );
    } else setWide(chunk, 2, rows, this.#values as readonly (number | bigint)[]);
  }
  async #type(): Promise<DuckDBType> {
    const { BIGINT, BOOLEAN, DOUBLE, UBIGINT, VARCHAR } = await import("@duckdb/node-api");
    const types: Readonly<Record<FieldKind, DuckDBType>> = {
      float: DOUBLE,
      int: BIGINT,
      uint: UBIGINT,
      string: VARCHAR,
      bool: BOOLEAN,
    };
    return types[this.kind];
  }
}

/** Fills a column of numbers through its buffer: cell by cell is ten times slower. */
function setWide(
  chunk: DuckDBDataChunk,
  at: number,
  rows: readonly number[],
  values: readonly (number | bigint)[],
): void {
  const vector = chunk.getColumnVector(at);
  const { items } = vector as unknown as { items: { [i: number]: number | bigint } };
  for (let i = 0; i < rows.length; i++) items[i] = values[rows[i]];
  vector.flush();
}
