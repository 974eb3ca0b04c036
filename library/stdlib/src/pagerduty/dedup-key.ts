import {
  type Batch,
  type Column,
  columnBuilder,
  type ColumnSpec,
  expand,
  type GroupKey,
  keyOf,
} from "@tocsin/data/column";
import { formatFloat, formatTime9, type Raw } from "@tocsin/data/value";
import { perBatchKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { sha256, utf8 } from "@tocsin/platform/host";

const label = "_pagerdutyDedupKey";

const dedupKeyKind = perBatchKind<{ readonly exclude: readonly string[] }>(
  { name: "dedupKey", rowwise: true },
  ({ exclude }) =>
    (batch) =>
      withKeys(batch, exclude),
);

export const dedupKey = transformation({
  name: "dedupKey",
  type: "(<-tables: stream[A], ?exclude: [string]) => stream[{A with _pagerdutyDedupKey: string}]",
  docs:
    "Adds the column `_pagerdutyDedupKey`, a hash of the group key without the columns of `exclude`: rows of one " +
    "group belong to one incident. Mind what is in the key: grouping by the level makes an incident a level.",
  example: `import "pagerduty"
import "sampledata"
sampledata.int() |> pagerduty.dedupKey()`,
  kind: dedupKeyKind,
  spec: (args) => ({ exclude: args.strings("exclude", ["_start", "_stop", "_level"]) }),
});

function withKeys(batch: Batch, exclude: readonly string[]): Batch {
  const builder = columnBuilder("string", batch.tableEnds.length);
  for (let table = 0; table < batch.tableEnds.length; table++) {
    builder.append(hex(sha256(utf8.encode(keyLines(keyOf(batch, table), exclude)))));
  }
  const column = expand(
    { kind: "string", form: "table", values: builder.finish() },
    batch.tableEnds,
  );
  const keep = (spec: ColumnSpec): boolean => spec.label !== label;
  const columns: Column[] = batch.columns.filter((_column, i) => keep(batch.schema[i]));
  return {
    ...batch,
    schema: [...batch.schema.filter(keep), { label, kind: "string", key: false }],
    columns: [...columns, column],
  };
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function keyLines(key: GroupKey, exclude: readonly string[]): string {
  let text = "";
  key.labels.forEach((name, i) => {
    if (!exclude.includes(name)) text += `${name}\n${cellText(key.cells[i], key.kinds[i])}\n`;
  });
  return text;
}

function cellText(cell: Raw, kind: string): string {
  if (cell === null) return "";
  if (typeof cell === "number") return formatFloat(cell);
  return kind === "time" ? formatTime9(cell as bigint) : String(cell);
}
