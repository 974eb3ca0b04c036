import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { decodeCsvInParts, decodeCsvText } from "@tocsin/data/codec";
import { fileParts } from "../src/file-parts.ts";
import { startHelper } from "../src/second-thread.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tocsin-helper-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function csvOf(rows: number): string {
  const head =
    "#datatype,string,long,double,string,string\n#group,false,false,false,true,false\n#default,_result,,,,\n,result,table,v,k,s\n";
  const lines = Array.from({ length: rows }, (_, i) => {
    const table = Math.floor(i / 700);
    return `,,${table},${i / 8},k${table},${i % 3 === 0 ? "low" : "high"}\n`;
  });
  return head + lines.join("");
}

test("a thread decodes parts of a file, and is gone afterwards", async () => {
  const csv = csvOf(20_000);
  const path = join(folder, "rows.csv");
  writeFileSync(path, csv);
  const file = fileParts(path);
  if (file === undefined) throw new Error("no file");
  const world = { path, file, helper: startHelper(), turn, partBytes: 8192 };
  let rows = 0;
  let sum = 0;
  let tables = 0;
  for await (const { batch } of decodeCsvInParts(world, {})) {
    rows += batch.rows;
    tables += batch.tableEnds.length - (batch.open ? 1 : 0);
    const [values] = batch.columns;
    if (values.form === "flat" && values.kind === "float") for (const v of values.data) sum += v;
    // Slow enough for the thread to have a share.
    await turn();
  }
  const whole = [...decodeCsvText(Buffer.from(csv))];
  expect(rows).toBe(20_000);
  expect(tables).toBe(
    whole.reduce((n, { batch }) => n + batch.tableEnds.length - (batch.open ? 1 : 0), 0),
  );
  expect(sum).toBe((19_999 * 20_000) / 2 / 8);
});

test("a thread that cannot read the file says that it has nothing", async () => {
  const helper = startHelper();
  helper.ask({ path: join(folder, "none"), parts: 3, partBytes: 10, plan: {} });
  helper.ask(1);
  expect(await helper.answer()).toEqual({ part: 1, made: undefined });
  helper.end();
  expect(await helper.answer()).toBeUndefined();
});
