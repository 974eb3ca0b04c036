import { loadRegexps } from "@tocsin/data/value";
import { beforeAll, expect, test } from "vitest";
import { Sources } from "../src/compile/program.ts";
import { compilingRows } from "../src/row-compiler.ts";
import { batchOf, functionOf, valueOf } from "./scripts.ts";
import type { RecordValue } from "@tocsin/data/value";

beforeAll(loadRegexps);

const batch = batchOf(
  {
    host: { kind: "string", cells: ["h1", "h2"], form: "key" },
    _value: { kind: "float", cells: [1.5, null, 95, 97] },
    n: { kind: "int", cells: [1n, 2n, 3n, 4n] },
  },
  [3, 4],
);
const fail = (row: number, error: Error): never => {
  throw new Error(`row ${row}: ${error.message}`);
};

/** The source text that is generated for a function. */
function sourceOf(run: (rows: ReturnType<typeof compilingRows>) => void): string {
  const sources = new Sources();
  run(compilingRows(sources));
  const texts = sources.texts();
  expect(texts.length).toBe(1);
  return `\n${texts[0]}\n`;
}

test("a filter is one loop; what concerns a table is looked at once a table", () => {
  const fn = functionOf('(r) => r._value > 90.0 and r.host == "h1"');
  expect(sourceOf((rows) => rows.predicate(fn).select(batch, new Uint32Array(4), fail)))
    .toMatchInlineSnapshot(`
      "
      function select(batch, k, rows, fail) {
        const { columns, tableEnds } = batch;
        const [k0, k1] = k;
        const n0 = columns[1].valid;
        const c1 = columns[1].data; // "_value"
        const c2 = columns[0].values.codes; // "host"
        const d3 = columns[0].values.dictionary;
        const s5 = d3.find(k1);
        let at, count = 0, i = 0;
        for (let t = 0; t < tableEnds.length; t++) {
          const end = tableEnds[t];
          const t4 = c2[t];
          for (; i < end; i++) {
            rows[count] = i; count += +!!((!isNull(n0, i) && c1[i] > k0) && t4 === s5);
          }
        }
        return count;
      }
      "
    `);
});

test("a filter on the key alone does not look at rows", () => {
  const fn = functionOf("(r) => r.host =~ /1$/");
  expect(sourceOf((rows) => rows.predicate(fn).select(batch, new Uint32Array(4), fail)))
    .toMatchInlineSnapshot(`
      "
      function select(batch, k, rows, fail) {
        const { columns, tableEnds } = batch;
        const [k0, k1] = k;
        const c0 = columns[0].values.codes; // "host"
        const d1 = columns[0].values.dictionary;
        const m3 = matchMemo(k1, d1);
        let at, count = 0, i = 0;
        for (let t = 0; t < tableEnds.length; t++) {
          const end = tableEnds[t];
          const t2 = c0[t];
          if (matches(m3, d1, t2, k0)) for (; i < end; i++) rows[count++] = i;
          i = end;
        }
        return count;
      }
      "
    `);
});

test("a map writes arrays; a text is made when somebody reads it", () => {
  const script = `level = (v) => if v > 90.0 then "crit" else "ok"
    fn = (r) => ({r with level: level(v: r._value), text: "\${r.host} is \${r.n}", share: 100 / r.n})`;
  const fn = functionOf(script);
  expect(sourceOf((rows) => rows.mapper(fn).map(batch, fail))).toMatchInlineSnapshot(`
    "
    function map(batch, k, fail) {
      const { columns, tableEnds } = batch;
      const [k0, k1, k2, k3, k4, k5, k6] = k;
      const n0 = columns[1].valid;
      const c1 = columns[1].data; // "_value"
      const c3 = columns[0].values.codes; // "host"
      const d4 = columns[0].values.dictionary;
      const c6 = columns[2].data; // "n"
      const o8 = new Array(batch.rows).fill(null);
      const o9 = new BigInt64Array(batch.rows); // "share"
      let at, i = 0;
      for (let t = 0; t < tableEnds.length; t++) {
        const end = tableEnds[t];
        const t5 = c3[t];
        for (; i < end; i++) {
          try {
            const v2 = (!isNull(n0, i) && c1[i] > k0) ? k1 : k2;
            at = k5;
            const v7 = divided("int", k4, c6[i]);
            o8[i] = v2;
            o9[i] = v7;
          } catch (thrown) {
            fail(i, thrown, at);
          }
        }
      }
      return [columns[1], columns[0], textColumn(o8), columns[2], fixedColumn("int", o9, undefined), lazyColumn(k6, [expand(columns[0], tableEnds), columns[2]], batch.rows)];
    }
    "
  `);
});

test("a reduce keeps its accumulator in variables", () => {
  const fn = functionOf(
    "(r, accumulator) => ({n: accumulator.n + 1, sum: if exists r._value then accumulator.sum + r._value else accumulator.sum})",
  );
  const identity = valueOf("{n: 0, sum: 0.0}") as RecordValue;
  expect(sourceOf((rows) => rows.folder(fn).fold(batch, identity, identity)))
    .toMatchInlineSnapshot(`
    "
    function fold(batch, k, first, identity, placed) {
      const { columns, tableEnds } = batch;
      const [k0] = k;
      const n0 = columns[1].valid;
      const c1 = columns[1].data; // "_value"
      const o5 = new BigInt64Array(tableEnds.length); // "n"
      const o6 = new Float64Array(tableEnds.length); // "sum"
      let a0 = first[0];
      let a1 = first[1];
      let at, i = 0;
      try {
        for (let t = 0; t < tableEnds.length; t++) {
          const end = tableEnds[t];
          if (t > 0) {
            a0 = identity[0];
            a1 = identity[1];
          }
          for (; i < end; i++) {
            const v2 = !isNull(n0, i) ? (a1 + c1[i]) : a1;
            const v3 = BigInt.asIntN(64, a0 + k0);
            const v4 = v2;
            a0 = v3;
            a1 = v4;
          }
          at = undefined;
          o5[t] = a0;
          o6[t] = a1;
        }
      } catch (thrown) {
        throw placed(thrown, at);
      }
      const last = [a0, a1];
      return { columns: [fixedColumn("int", o5, undefined), fixedColumn("float", o6, undefined)], last };
    }
    "
  `);
});
