import {
  type Batch,
  batchesOf,
  cellOf,
  columnBuilder,
  compareKeys,
  expand,
  type GroupKey,
  groupKey,
  indexOf,
  keyText,
  type Table,
  tableFrom,
  tableKey,
} from "@tocsin/data/column";
import { compileRegexp, FluxError, invalid, type Regexp } from "@tocsin/data/value";
import {
  heldKind,
  missingColumn,
  operatorKind,
  perBatchKind,
  TableCollector,
  withColumn,
} from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

interface ReplaceSpec {
  readonly source: string;
  readonly destination: string;
  /** Matches whole texts only. */
  readonly pattern: Regexp;
  readonly replacement: string;
}

const labelReplaceKind = operatorKind<ReplaceSpec>(
  { name: "labelReplace", rowwise: false, describe: ({ destination }) => destination },
  (spec, out) => {
    const made = new Map<string, Table>();
    const collector = new TableCollector((table) => {
      const key = replacedKey(tableKey(table), spec);
      const text = keyText(key);
      if (made.has(text)) {
        throw new FluxError("failed precondition", "labelReplace: two tables get the same key", {
          hint: `key columns: ${key.labels.join(", ")}`,
        });
      }
      made.set(text, keyed(table, key));
    });
    return {
      push: (batch) => collector.add(batch),
      finish: () => {
        const tables = [...made.values()];
        tables.sort((a, b) => compareKeys(tableKey(a), tableKey(b)));
        for (const batch of batchesOf(tables)) out.push(batch);
      },
    };
  },
);

function replacedKey(key: GroupKey, spec: ReplaceSpec): GroupKey {
  const cell = key.cells[key.labels.indexOf(spec.source)] ?? "";
  if (typeof cell !== "string" || !spec.pattern.test(cell)) return key;
  const label = spec.pattern.replaceAll(cell, spec.replacement);
  const columns = key.labels.flatMap((name, i) =>
    name === spec.destination ? [] : [{ label: name, kind: key.kinds[i], cell: key.cells[i] }],
  );
  if (label !== "") columns.push({ label: spec.destination, kind: "string", cell: label });
  return groupKey(columns);
}

function keyed(table: Table, key: GroupKey): Table {
  const at = indexOf(table.schema, "_value");
  if (at < 0) throw missingColumn("labelReplace", "_value", table.schema);
  const column = expand(table.columns[at], table.tableEnds);
  return tableFrom(key, [{ label: "_value", column }], { rows: table.rows });
}

export const labelReplace = transformation({
  name: "labelReplace",
  type: `(
    <-tables: stream[{A with _value: float}], source: string, destination: string, regex: string,
    replacement: string,
  ) => stream[{B with _value: float}]`,
  docs:
    "Makes the key column `destination` of the key column `source` where `regex` matches it, as PromQL's " +
    "`label_replace()`. Only the key and `_value` remain.",
  kind: labelReplaceKind,
  spec: (args) => {
    const pattern = compileRegexp(`^(?:${args.string("regex")})$`);
    if ("reason" in pattern)
      throw invalid(`invalid regular expression in label_replace(): ${args.string("regex")}`);
    return {
      source: args.string("source"),
      destination: args.string("destination"),
      pattern,
      replacement: args.string("replacement"),
    };
  },
});

const timestampKind = perBatchKind<Record<string, never>>(
  { name: "timestamp", rowwise: true },
  () => (batch) => {
    const time = indexOf(batch.schema, "_time");
    const at = time < 0 ? indexOf(batch.schema, "_stop") : time;
    if (at < 0) throw missingColumn("timestamp", "_time", batch.schema);
    return withColumn(batch, { label: "_value", kind: "float", key: false }, stamps(batch, at));
  },
);

/** Times as seconds with three digits of fraction. */
function stamps(batch: Batch, at: number) {
  const builder = columnBuilder("float", batch.rows);
  let table = 0;
  for (let row = 0; row < batch.rows; row++) {
    while (batch.tableEnds[table] <= row) table += 1;
    const time = cellOf(batch.columns[at], row, table);
    builder.append(typeof time === "bigint" ? Number(time / 1_000_000n) / 1e3 : null);
  }
  return builder.finish();
}

export const timestamp = transformation({
  name: "timestamp",
  type: "(<-tables: stream[{A with _value: float}]) => stream[{A with _value: float}]",
  docs: "Puts the time of each row, in seconds, into `_value`, as PromQL's `timestamp()`.",
  kind: timestampKind,
  spec: () => ({}),
});

export const emptyTable = transformation({
  name: "emptyTable",
  type: "() => stream[{_start: time, _stop: time, _time: time, _value: float}]",
  docs: "A table without rows.",
  kind: heldKind,
  inputs: () => [],
  spec: () => {
    const key = groupKey([
      { label: "_start", kind: "time", cell: 0n },
      { label: "_stop", kind: "time", cell: 0n },
    ]);
    const columns = [
      { label: "_time", column: columnBuilder("time", 0).finish() },
      { label: "_value", column: columnBuilder("float", 0).finish() },
    ];
    return { tables: [tableFrom(key, columns, { rows: 0 })] };
  },
});
