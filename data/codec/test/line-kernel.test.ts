import { type LineBlock, LineDecoder, type LineSink, type Precision } from "@tocsin/data/codec";
import { type Random, seeded, utf8 } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { pick } from "./written-csv.ts";

// Most lines are read by machine code that knows their series and keys, the others one by one. Both must
// say the same of any bytes.

interface Reading {
  readonly pieces: readonly number[];
  readonly precision: Precision;
}
/** What a field came to, with its line and time. */
type Row = readonly [line: number, field: string, time: bigint, value: unknown];
interface Read {
  readonly rows: Row[];
  readonly faults: string[];
  /** How many lines came in blocks. */
  readonly inBlocks: number;
}

const bits = new BigInt64Array(1);
const double = new Float64Array(bits.buffer);

function rowsOf(block: LineBlock): Row[] {
  const rows: Row[] = [];
  let textFrom = 0;
  for (let row = 0; row < block.rows; row++) {
    const { series, key, kind } = block.columns[block.codes[row]];
    bits[0] = block.values[row];
    let value: unknown = bits[0];
    if (kind === "float") value = double[0];
    if (kind === "string") {
      const end = Number(bits[0]);
      value = utf8.decode(block.texts.subarray(textFrom, end));
      textFrom = end;
    }
    const field = JSON.stringify([series, key, kind]);
    rows.push([block.number + block.lineOf[row], field, block.times[row], value]);
  }
  return rows;
}

function read(bytes: Uint8Array, { pieces, precision }: Reading, whole: boolean): Read {
  const [rows, faults]: [Row[], string[]] = [[], []];
  let inBlocks = 0;
  const sink: LineSink = {
    line: ({ series, keys, kinds, count, number, time, floats, longs, texts }) => {
      for (let i = 0; i < count; i++) {
        const kind = kinds[i];
        const value =
          kind === "float" ? floats[i] : kind === "string" ? utf8.decode(texts[i]) : longs[i];
        rows.push([number, JSON.stringify([series, keys[i], kind]), time[0], value]);
      }
    },
    fault: ({ line, reason }) => faults.push(`${line}: ${reason}`),
  };
  const lines = (block: LineBlock): void => {
    inBlocks += block.lines;
    rows.push(...rowsOf(block));
  };
  const decoder = new LineDecoder(
    { precision, now: 1_700_000_000_123_456_789n },
    whole ? { ...sink, lines } : sink,
  );
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = pieces[i % pieces.length];
    decoder.push(bytes.subarray(at, at + size));
    at += size;
  }
  decoder.finish();
  return { rows, faults, inBlocks };
}

/** Reads both ways; gives how many lines came in blocks. */
function sameBothWays(bytes: Uint8Array, reading: Reading): number {
  const { inBlocks, ...mine } = read(bytes, reading, true);
  const { rows, faults } = read(bytes, reading, false);
  expect(mine).toEqual({ rows, faults });
  return inBlocks;
}

const names = [
  "cpu",
  "a b",
  "m,x",
  "host",
  "größe",
  "x=y",
  'q"r',
  "very_long_name_of_a_thing",
  "v",
];
const escaped = (name: string): string => name.replace(/[, =]/g, "\\$&");

function digits(random: Random, most: number): string {
  const count = Math.ceil(random.next() * most);
  return Array.from({ length: count }, () => Math.floor(random.next() * 10)).join("");
}
const texts = ["", "ok", "a b,c=d", "#", "x".repeat(40)];
const oddTexts = ["two\nlines", 'a \\" b', "é", "\\\\", "\t"];

function value(random: Random, kind: number): string {
  const sign = random.next() < 0.2 ? "-" : "";
  if (kind === 0) {
    const rest = pick(random, ["", "", ".5", "e3", "e-07", "E22", "e300"]);
    const long = random.next() < 0.1;
    const tail = rest.startsWith("e") && long ? rest : "";
    return `${sign}${digits(random, long ? 19 : 6)}.${digits(random, long ? 17 : 12)}${tail}`;
  }
  if (kind === 1) return `${sign}${digits(random, random.next() < 0.1 ? 20 : 18)}i`;
  if (kind === 2) return `${digits(random, random.next() < 0.1 ? 21 : 18)}u`;
  if (kind === 3) return pick(random, ["t", "f", "true", "false", "true", "t", "False"]);
  return `"${pick(random, random.next() < 0.1 ? oddTexts : texts)}"`;
}

/** Lines of few series, whose fields come in nearly the same order each time. */
function written(random: Random, lines: number, oddity: number): string {
  const series = Array.from({ length: 1 + Math.floor(random.next() * 20) }, () => {
    const tags = names
      .filter(() => random.next() < 0.2)
      .map((key) => `,${escaped(key)}=t${digits(random, 3)}`);
    const keys = names.filter(() => random.next() < 0.4);
    const fields = (keys.length > 0 ? keys : ["v"]).map((key) => ({
      key: escaped(key),
      kind: Math.floor(random.next() * 5),
    }));
    return { head: escaped(pick(random, names)) + tags.join(""), fields };
  });
  const out: string[] = [];
  for (let i = 0; i < lines; i++) {
    const { head, fields } = pick(random, series);
    const some = fields.filter(() => random.next() > oddity);
    if (random.next() < oddity) some.reverse();
    if (random.next() < oddity) some.push(pick(random, fields));
    const text = (some.length > 0 ? some : fields).map(({ key, kind }) => {
      const other = random.next() < oddity ? Math.floor(random.next() * 5) : kind;
      return `${key}=${value(random, other)}`;
    });
    const time =
      random.next() < oddity
        ? pick(random, ["", " ", " -5", "  7", " x"])
        : ` ${digits(random, 13)}`;
    out.push(`${head} ${text.join(",")}${time}`);
    if (random.next() < oddity) out.push(pick(random, ["", "# comment", "  ", "bad", "m v=1\r"]));
  }
  return out.join("\n");
}

const strange = [...'\r\n,"=\\ #.-iutf0\t\0', "\\,", "\\ ", '"\n', "é", "1e5", "time=1", ""];
function spoilt(random: Random, lines: string, times: number): string {
  let text = lines;
  for (let i = 0; i < times; i++) {
    const at = Math.floor(random.next() * text.length);
    const gone = Math.floor(random.next() * 3);
    text = text.slice(0, at) + pick(random, strange) + text.slice(at + gone);
  }
  return text;
}

const seed = 20261128;

test(`lines are read as they are one by one, spoilt ones too (seed ${seed})`, () => {
  const random = seeded(seed);
  let inBlocks = 0;
  for (let round = 0; round < 80; round++) {
    const lines = written(
      random,
      300 + Math.ceil(random.next() * 900),
      pick(random, [0, 0.01, 0.2]),
    );
    const bytes = utf8.encode(spoilt(random, lines, pick(random, [0, 1, 5, 100])));
    const pieces = pick(random, [[1e6], [20_000], [17_000, 5, 100], [30_000, 1, 4096]]);
    inBlocks += sameBothWays(bytes, {
      pieces,
      precision: pick(random, ["ns", "ns", "us", "ms", "s"]),
    });
  }
  expect(inBlocks).toBeGreaterThan(10_000);
});

/** Lines with one value each. */
const withValues = (values: readonly string[], key = "v"): Uint8Array =>
  utf8.encode(
    Array.from({ length: 3000 }, (_, i) => `m ${key}=${values[i % values.length]} ${i}\n`).join(""),
  );
const plain = { pieces: [50_000], precision: "ns" } as const;

test(`values of each type are the same, by machine code for the most part (seed ${seed})`, () => {
  const random = seeded(seed);
  const many = (kind: number): string[] => Array.from({ length: 2000 }, () => value(random, kind));
  const floats = [
    ...many(0),
    "9007199254740993",
    "0.1",
    "-0",
    "1.",
    ".5",
    "1e-7",
    "1e22",
    "5e-324",
  ];
  expect(sameBothWays(withValues(floats), plain)).toBeGreaterThan(1000);
  const ints = [...many(1), "-0i", "9223372036854775807i", "-9223372036854775808i", "007i"];
  expect(sameBothWays(withValues(ints), plain)).toBeGreaterThan(1000);
  expect(
    sameBothWays(withValues([...many(2), "18446744073709551615u", "-1u"]), plain),
  ).toBeGreaterThan(1000);
  expect(
    sameBothWays(withValues(["t", "f", "true", "false", "tr", "falsey"]), plain),
  ).toBeGreaterThan(900);
  expect(sameBothWays(withValues(['"a"', '""', '"a b"', '"x=1,y"']), plain)).toBeGreaterThan(2000);
  for (const wrong of [
    "1-",
    "-",
    "1.2.3",
    "1e",
    "1i1",
    "1ii",
    "i",
    "1u ",
    "+1",
    "NaN",
    '"a"b',
    '"',
  ])
    sameBothWays(withValues(["1", "2.5", wrong, "3"]), plain);
});

test("texts of any bytes are the same: what is no UTF-8 is replaced", () => {
  const texts = ["größe", "\u{1f514}", "ascii", "é\u0000", '"'];
  const bytes = withValues(texts.map((text) => JSON.stringify(text)));
  expect(sameBothWays(bytes, plain)).toBeGreaterThan(1500);
  const random = seeded(seed);
  // Also the halves of characters, behind which the rest of another one stands.
  const broken = bytes.map((byte) => (byte >= 0x80 && random.next() < 0.3 ? 0x41 : byte));
  expect(sameBothWays(broken, plain)).toBeGreaterThan(1500);
  const halves = [0xc3, 0xa9, 0xf0, 0x9f, 0x80, 0xff];
  const ends = bytes.map((byte) => (byte >= 0x80 ? pick(random, halves) : byte));
  sameBothWays(ends, plain);
});

test("times at their limits are the same in every precision", () => {
  const last = 2n ** 63n - 2n;
  for (const [precision, unit] of [
    ["ns", 1n],
    ["us", 1000n],
    ["s", 1_000_000_000n],
  ] as const) {
    const times = [
      last / unit,
      last / unit + 1n,
      last / unit - 1n,
      0n,
      10n ** 19n,
      -1n,
      -last / unit,
    ];
    const lines = Array.from({ length: 2000 }, (_, i) => `m v=1 ${times[i % times.length]}\n`);
    sameBothWays(utf8.encode(lines.join("")), { pieces: [50_000], precision });
  }
});

test("series and keys in any number are known again", () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => {
    const fields = Array.from({ length: 1 + (i % 3) }, (_unused, k) => `f${(i + k) % 40}=${i}`);
    return `m,host=h${i % 5000},x=${"y".repeat(i % 5)}z ${fields.join(",")} ${i}\n`;
  });
  const bytes = utf8.encode(lines.join(""));
  expect(sameBothWays(bytes, plain)).toBeGreaterThan(0);
  const again = utf8.encode(lines.join("") + lines.join(""));
  expect(sameBothWays(again, plain)).toBeGreaterThan(20_000);
});

test("a series of more keys than are learned, in any order and of changing types, is read", () => {
  const random = seeded(seed);
  const lines = Array.from({ length: 4000 }, (_, i) => {
    const first = Math.floor(random.next() * 200);
    const fields = Array.from({ length: 5 }, (_unused, k) => `f${(first + k * 7) % 200}=${i}`);
    return `m ${fields.map((field) => (random.next() < 0.1 ? `${field}i` : field)).join(",")} ${i}\n`;
  });
  expect(sameBothWays(utf8.encode(lines.join("")), plain)).toBeGreaterThan(0);
});

test("a line that is longer than a piece is read, and so are those behind it", () => {
  const short = Array.from({ length: 1000 }, (_, i) => `m v=${i} ${i}\n`).join("");
  for (const long of [`m v="${"x".repeat(200_000)}" 1\n`, `m v="${"x\n".repeat(100_000)}" 1\n`]) {
    const bytes = utf8.encode(short + long + short);
    for (const pieces of [[1e6], [10_000], [70_000]])
      expect(sameBothWays(bytes, { pieces, precision: "ns" })).toBeGreaterThan(1000);
  }
});
