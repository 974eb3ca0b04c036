import { readFileSync } from "node:fs";
import {
  LineDecoder,
  type LineFault,
  lineOf,
  type LinePoint,
  pointOf,
  type Precision,
} from "@tocsin/data/codec";
import { formatFloat } from "@tocsin/data/value";
import { utf8 } from "@tocsin/platform/host";
import fc from "fast-check";
import { expect, test } from "vitest";

interface Read {
  readonly points: LinePoint[];
  /** Line of each point. */
  readonly lines: number[];
  readonly faults: LineFault[];
}

const now = 1_700_000_000_123_456_789n;

function read(pieces: readonly Uint8Array[], precision: Precision = "ns"): Read {
  const seen: Read = { points: [], lines: [], faults: [] };
  const decoder = new LineDecoder(
    { precision, now },
    {
      line: (line) => {
        seen.points.push(pointOf(line));
        seen.lines.push(line.number);
      },
      fault: (fault) => seen.faults.push(fault),
    },
  );
  for (const piece of pieces) decoder.push(piece);
  decoder.finish();
  return seen;
}

const readText = (text: string, precision?: Precision): Read =>
  read([utf8.encode(text)], precision);

/** A point as the golden file has it: a row a field, in the order of field names. */
function rows(points: readonly LinePoint[]): unknown[] {
  return points.flatMap((point) =>
    point.fields
      .map(([field, kind, value]) => [
        point.measurement,
        point.tags,
        field,
        kind,
        typeof value === "number" ? formatFloat(value) : String(value),
        point.time === now ? "now" : String(point.time),
      ])
      .sort((a, b) => (String(a[2]) < String(b[2]) ? -1 : 1)),
  );
}

/** Where InfluxDB's answer is not the sane one, and what is done here instead. */
const differs: Readonly<Record<string, "refused" | "stored">> = {
  'm v="a"b 1': "refused",
  'm v="a""b" 1': "refused",
  'm v="x"1 1': "refused",
  "m,a==b v=1 1": "refused",
  "m,a=b\\\nc v=1 1": "refused",
  "m,_time=1 v=1 1": "refused",
  "m a\\\\=1 1": "stored",
  "m\\=1 v=1 1": "stored",
  'm\\"=1 v=1 1': "stored",
};

const golden = readFileSync(new URL("golden/line-protocol.ndjson", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as { line: string; influxdb: string; points: unknown[] });

test.each(golden)(
  "a line is judged as InfluxDB 2.9.1 judges it: $line",
  ({ line, influxdb, points }) => {
    const bytes = Uint8Array.from(line, (character) => character.charCodeAt(0));
    const seen = read([bytes]);
    const other = differs[line];
    if (other !== undefined) {
      expect(influxdb).not.toBe(other);
      expect(seen.faults.length > 0 ? "refused" : "stored").toBe(other);
      return;
    }
    if (influxdb === "refused") expect(seen.faults.length).toBeGreaterThan(0);
    if (influxdb === "stored") {
      expect(seen.faults).toEqual([]);
      expect(rows(seen.points).sort()).toEqual(points.sort());
    }
    if (influxdb === "partly") {
      expect(seen.faults.length).toBeGreaterThan(0);
      if (points.length > 0 && seen.faults[0].stored) expect(rows(seen.points)).toEqual(points);
    }
  },
);

const sample = [
  "# a comment",
  'cpu,host=a\\ b,region=eü usage=1.5,note="two\nlines, \\"quoted\\" \\\\",n=-3i,u=7u,ok=t 1000',
  "bad line",
  "",
  "  mem\\,x,k\\=1=v free=1e3 2000  ",
  'late v="x"',
].join("\n");

test("wherever the bytes are cut, the points, faults and line numbers are the same", () => {
  const bytes = utf8.encode(sample);
  const whole = read([bytes]);
  expect(whole.points).toMatchInlineSnapshot(`
    [
      {
        "fields": [
          [
            "usage",
            "float",
            1.5,
          ],
          [
            "note",
            "string",
            "two
    lines, "quoted" \\",
          ],
          [
            "n",
            "int",
            -3n,
          ],
          [
            "u",
            "uint",
            7n,
          ],
          [
            "ok",
            "bool",
            true,
          ],
        ],
        "measurement": "cpu",
        "tags": [
          [
            "host",
            "a b",
          ],
          [
            "region",
            "eü",
          ],
        ],
        "time": 1000n,
      },
      {
        "fields": [
          [
            "free",
            "float",
            1000,
          ],
        ],
        "measurement": "mem,x",
        "tags": [
          [
            "k=1",
            "v",
          ],
        ],
        "time": 2000n,
      },
      {
        "fields": [
          [
            "v",
            "string",
            "x",
          ],
        ],
        "measurement": "late",
        "tags": [],
        "time": 1700000000123456789n,
      },
    ]
  `);
  expect(whole.lines).toEqual([2, 6, 7]);
  expect(whole.faults.map(({ line }) => line)).toEqual([4]);
  for (let at = 0; at <= bytes.length; at++) {
    expect(read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
  }
  expect(read([...bytes].map((one) => Uint8Array.of(one)))).toEqual(whole);
});

test("a missing quote costs its own line, not those after it", () => {
  const seen = readText('m v="open 1\nm v=1 2\nm v=2 3\nm v="x" 4\n');
  expect(seen.faults.map(({ line }) => line)).toEqual([1]);
  expect(seen.points.map(({ time }) => time)).toEqual([2n, 3n, 4n]);
  expect(seen.lines).toEqual([2, 3, 4]);
});

test.each([
  ["m", "no fields: expected a blank and at least one key=value after the tags"],
  ["m v=abc 1", 'field "v" has the value "abc"; expected a number'],
  ["m v=1 1\r", "lines must end in \\n, not \\r\\n"],
  ["m v=1\r", "lines must end in \\n, not \\r\\n"],
  ["m v=1 später", 'after the fields stands "später"; expected a timestamp'],
  ["m,a=1,a=2 v=1", 'tag "a" occurs twice'],
  ["m,a= v=1", 'tag "a" has no value'],
  ["m v=1,v=2i", 'field "v" occurs twice, as float and as int'],
  ["m v=1 99999999999999999999", "outside the years 1677 to 2262"],
  [`m,a=${"x".repeat(65_600)} v=1 1`, "at most 65535 are possible"],
])("the reason for refusing %j is in words", (line, reason) => {
  const [fault] = readText(line).faults;
  expect(fault.reason).toContain(reason);
});

test("a reason shows the beginning of a long value", () => {
  for (const suffix of ["", "i"]) {
    const [fault] = readText(`m v=${"9".repeat(100_000)}${suffix} 1`).faults;
    expect(fault.reason).toContain("9…");
    expect(fault.reason.length).toBeLessThan(120);
  }
});

test("a field counts once a line however many there are, and wherever it stood in others", () => {
  const keys = Array.from({ length: 200_000 }, (_, i) => `f${i}`);
  const wide = `m ${keys.map((key) => `${key}=1`).join()},f7=2 1`;
  const seen = readText(`m b=1,a=1 0\n${wide}\nm a=3,b=4,a=5 2\nm f7=6 3\n`);
  expect(seen.faults).toEqual([]);
  expect(seen.points.map(({ fields }) => fields.length)).toEqual([2, 200_000, 2, 1]);
  expect(seen.points[1].fields[7]).toEqual(["f7", "float", 2]);
  expect(seen.points[2].fields).toEqual([
    ["a", "float", 5],
    ["b", "float", 4],
  ]);
});

test("a field called time is left out, and said", () => {
  const seen = readText("m time=1,v=2 5");
  expect(seen.points[0].fields).toEqual([["v", "float", 2]]);
  expect(seen.faults).toMatchObject([{ line: 1, stored: true }]);
});

test.each([
  ["ns", 1n, 1_700_000_000_123_456_789n],
  ["us", 1_000n, 1_700_000_000_123_456_000n],
  ["ms", 1_000_000n, 1_700_000_000_123_000_000n],
  ["s", 1_000_000_000n, 1_700_000_000_000_000_000n],
] as const)("timestamps count %s", (precision, unit, rounded) => {
  const seen = readText("m v=1 -7\nm v=1", precision);
  expect(seen.points.map(({ time }) => time)).toEqual([-7n * unit, rounded]);
});

/** Text that a name of line protocol can be. */
const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((text) => !/[\n\r\0\\]|^[#\s,]/.test(text));

const field = fc.oneof(
  fc.tuple(fc.constant("float" as const), fc.double({ noNaN: true, noDefaultInfinity: true })),
  fc.tuple(fc.constant("int" as const), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  fc.tuple(fc.constant("uint" as const), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  fc.tuple(fc.constant("string" as const), fc.string({ unit: "grapheme" })),
  fc.tuple(fc.constant("bool" as const), fc.boolean()),
);

const point = fc
  .record({
    measurement: name,
    tags: fc.uniqueArray(fc.tuple(name, name), { selector: ([key]) => key, maxLength: 4 }),
    fields: fc.uniqueArray(fc.tuple(name, field), {
      selector: ([key]) => key,
      minLength: 1,
      maxLength: 4,
    }),
    time: fc.bigInt({ min: -(2n ** 63n) + 2n, max: 2n ** 63n - 2n }),
  })
  .filter(({ tags, fields }) => ![...tags, ...fields].some(([key]) => /^(time|_.*)$/.test(key)));

test("what is written is read again", () => {
  fc.assert(
    fc.property(point, ({ measurement, tags, fields, time }) => {
      const given: LinePoint = {
        measurement,
        tags: tags.toSorted((a, b) => Buffer.compare(Buffer.from(a[0]), Buffer.from(b[0]))),
        fields: fields.map(([key, [kind, value]]) => [key, kind, value]),
        time,
      };
      const seen = readText(`${lineOf(given)}\n`);
      expect(seen.faults).toEqual([]);
      expect(seen.points).toEqual([given]);
    }),
  );
});

test("timestamps that repeat, fail and change among lines are each read as if they stood alone", () => {
  const written = [
    "17",
    "17",
    "17 ",
    "-17",
    "17",
    "9223372036854775807",
    "9223372036854775807",
    "17",
    "",
    "17",
    "x",
    "17",
    "1000000000000000000",
    "000000000000000000000000017",
    "000000000000000000000000017",
    "17",
  ];
  const alone = written.map((time) => read([utf8.encode(`m v=1 ${time}`)]));
  const together = read([utf8.encode(written.map((time) => `m v=1 ${time}`).join("\n"))]);
  const times = (points: readonly LinePoint[]): bigint[] => points.map(({ time }) => time);
  expect(times(together.points)).toEqual(alone.flatMap(({ points }) => times(points)));
  expect(together.faults.map(({ reason }) => reason)).toEqual(
    alone.flatMap(({ faults }) => faults.map(({ reason }) => reason)),
  );
});
