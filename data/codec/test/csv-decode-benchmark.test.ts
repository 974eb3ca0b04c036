import { decodeCsvText } from "@tocsin/data/codec";
import { cellOf } from "@tocsin/data/column";
import { utf8 } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { measure, seriesCsv, textCsv } from "../../../benchmarks/csv-decode.ts";

/** Cell `at` of all rows of data, cut out the plainest way. */
function plainCells(bytes: Uint8Array, at: number): string[] {
  const lines = utf8.decode(bytes).split("\r\n").slice(4);
  return lines.filter((line) => line !== "").map((line) => line.split(",")[at]);
}

test.each([
  ["floats", seriesCsv(3000, 6), "_value", 6],
  ["long floats", seriesCsv(3000, 17), "_value", 6],
  ["times", seriesCsv(3000, 6), "_time", 5],
  ["text that repeats", textCsv(9000, 10), "text", 3],
  ["text that does not", textCsv(9000, 9000), "text", 3],
])("what the benchmark measures is decoded right: %s", (_, bytes, label, at) => {
  const cells: unknown[] = [];
  for (const { batch } of decodeCsvText(bytes)) {
    const column = batch.columns[batch.schema.findIndex((spec) => spec.label === label)];
    for (let row = 0; row < batch.rows; row++) cells.push(cellOf(column, row, 0));
  }
  const expected = plainCells(bytes, at).map((text) => {
    if (label === "_value") return Number(text);
    return label === "_time" ? BigInt(Date.parse(text)) * 1_000_000n : text;
  });
  expect(cells).toEqual(expected);
});

test("the benchmark runs on a tiny input", () => {
  const { rows, bytes } = measure("tiny", seriesCsv(100, 6), 2);
  expect(rows).toBe(100);
  expect(bytes).toBeGreaterThan(5000);
});
