import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Batch,
  batchesOf,
  columnBuilder,
  type FlatColumn,
  groupKey,
  type NamedColumn,
  pieces,
  type Table,
  tableFrom,
  tableKey,
  keyText,
  cellOf,
} from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";
import { TableCollector } from "@tocsin/engine/execute";
import { Pivoting } from "../../src/universe/pivoting.ts";

/** One series: its times follow a pattern that others may share. */
interface Series {
  readonly host: string;
  readonly field: string;
  readonly times: readonly Raw[];
  readonly kind: "time" | "float" | "string";
}

type Order = "ascending" | "descending" | "shuffled" | "one missing" | "one more" | "with a null";

const series = (kind: Series["kind"]): fc.Arbitrary<Series> =>
  fc
    .record({
      host: fc.constantFrom("a", "b"),
      field: fc.constantFrom("f", "g", "h"),
      length: fc.constantFrom(0, 1, 3, 40, 150),
      order: fc.constantFrom<Order>(
        ...(["ascending", "ascending", "descending", "shuffled"] as const),
        ...(["one missing", "one more", "with a null"] as const),
      ),
      at: fc.nat(160),
    })
    .map(({ host, field, length, order, at }) => {
      const ticks = Array.from({ length }, (_, i) =>
        order === "shuffled" ? (i * 77) % length : i,
      );
      if (order === "descending") ticks.reverse();
      if (order === "one missing") ticks.splice(at, 1);
      if (order === "one more") ticks.splice(at, 0, 500 + at);
      const times = ticks.map((tick): Raw => cellOfTick(kind, tick));
      if (order === "with a null") times[at % (length + 1)] = null;
      return { host, field, times, kind };
    });

function cellOfTick(kind: Series["kind"], tick: number): Raw {
  if (kind === "time") return BigInt(tick) * 1_000_000_000n;
  return kind === "float" ? (tick === 7 ? Number.NaN : tick / 4) : `t${tick % 60}`;
}

function columnOf(kind: ColumnKind, cells: readonly Raw[]): FlatColumn {
  const builder = columnBuilder(kind, cells.length);
  for (const cell of cells) builder.append(cell);
  return builder.finish();
}

/** Tables by host and field, or, with `fieldInKey` false, by host: series end to end, or in turns. */
function tablesOf(given: readonly Series[], fieldInKey: boolean, inTurns: boolean): Table[] {
  let value = 0;
  if (fieldInKey)
    return given.map(({ host, field, times, kind }) => {
      const key = groupKey([
        { label: "host", kind: "string", cell: host },
        { label: "field", kind: "string", cell: field },
      ]);
      const values = times.map(() => (value += 1) / 2);
      const columns = [
        { label: "t", column: columnOf(kind, times) },
        { label: "v", column: columnOf("float", values) },
      ];
      return tableFrom(key, columns, { rows: times.length });
    });
  return ["a", "b"].map((host) => {
    const rows = given
      .filter((one) => one.host === host)
      .flatMap(({ field, times }) => times.map((time, i) => ({ field, time, i })));
    if (inTurns) rows.sort((one, other) => one.i - other.i);
    const kind = given[0]?.kind ?? "time";
    const columns: NamedColumn[] = [
      {
        label: "t",
        column: columnOf(
          kind,
          rows.map(({ time }) => time),
        ),
      },
      {
        label: "field",
        column: columnOf(
          "string",
          rows.map(({ field }) => field),
        ),
      },
      {
        label: "v",
        column: columnOf(
          "float",
          rows.map(() => (value += 1) / 2),
        ),
      },
    ];
    return tableFrom(groupKey([{ label: "host", kind: "string", cell: host }]), columns, {
      rows: rows.length,
    });
  });
}

const text = (cell: Raw): string => (Object.is(cell, -0) ? "0" : String(cell));

/** Rows put into Maps one by one. */
function expected(tables: readonly Table[], rowKey: readonly string[]): Map<string, Set<string>> {
  const found = new Map<string, Map<string, Map<string, string>>>();
  for (const table of tables) {
    const key = groupKey(
      tableKey(table)
        .labels.map((label, i) => ({ label, i }))
        .filter(({ label }) => label !== "field")
        .map(({ label, i }) => ({
          label,
          kind: tableKey(table).kinds[i],
          cell: tableKey(table).cells[i],
        })),
    );
    const rows = mapped(found, keyText(key));
    for (let row = 0; row < table.rows; row++) {
      const cell = (label: string): Raw => {
        const at = table.schema.findIndex((spec) => spec.label === label);
        return cellOf(table.columns[at], row, 0);
      };
      const id = rowKey.map((label) => text(cell(label))).join("/");
      mapped(rows, id).set(text(cell("field")), text(cell("v")));
    }
  }
  return new Map([...found].map(([key, rows]) => [key, new Set([...rows].map(rowText))]));
}

function mapped<V>(map: Map<string, Map<string, V>>, key: string): Map<string, V> {
  let found = map.get(key);
  if (found === undefined) map.set(key, (found = new Map()));
  return found;
}

const rowText = ([id, cells]: readonly [string, ReadonlyMap<string, string>]): string =>
  `${id}: ${[...cells].sort().join(" ")}`;

function pivoted(
  batches: Iterable<Batch | undefined>,
  rowKey: readonly string[],
): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const collector = new TableCollector((table) => {
    const rows: string[] = [];
    for (let row = 0; row < table.rows; row++) {
      const cells = new Map<string, string>();
      const id = new Map<string, string>();
      table.schema.forEach(({ label, key }, i) => {
        const cell = cellOf(table.columns[i], row, 0);
        if (rowKey.includes(label)) id.set(label, text(cell));
        else if (!key && cell !== null) cells.set(label, text(cell));
      });
      rows.push(rowText([rowKey.map((label) => id.get(label)).join("/"), cells]));
    }
    expect(found.has(keyText(tableKey(table)))).toBe(false);
    expect(new Set(rows).size).toBe(rows.length);
    found.set(keyText(tableKey(table)), new Set(rows));
  });
  for (const batch of batches) if (batch !== undefined) collector.add(batch);
  return found;
}

test("pivot gives what Maps of rows give, however series and their times come", () => {
  const many = fc
    .constantFrom<Series["kind"]>("time", "float", "string")
    .chain((kind) => fc.array(series(kind), { minLength: 1, maxLength: 8 }));
  const property = fc.property(
    many,
    fc.constantFrom("series", "end to end", "in turns"),
    fc.constantFrom(["t"], ["t", "host"], ["host"], []),
    fc.constantFrom(7, 100, 16_384),
    (given, lie, rowKey, most) => {
      const tables = tablesOf(given, lie === "series", lie === "in turns");
      const pivoting = new Pivoting({ rowKey, columnKey: ["field"], valueColumn: "v" });
      for (const batch of batchesOf(tables))
        for (const piece of pieces(batch, most)) pivoting.add(piece);
      expect(pivoted(pivoting.batches(), rowKey)).toEqual(expected(tables, rowKey));
    },
  );
  fc.assert(property, { seed: 11, numRuns: 150 });
});
