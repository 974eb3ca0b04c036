import type { Batch } from "@tocsin/data/column";
import { daysFromCivil } from "@tocsin/data/value";
import { type Random, seeded, utf8 } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { CsvKernel } from "../src/csv-kernel.ts";
import { KernelMemory } from "../src/csv-kernel-memory.ts";
import type { KernelStretch } from "../src/csv-kernel-plan.ts";
import { CsvDecoder, decodeCsv } from "../src/index.ts";
import { cellsOf, labels, pick, table } from "./written-csv.ts";

// Most rows are read by machine code that is made for their columns, the others by the cell. Both must
// say the same of any bytes.

interface Reading {
  readonly byCell: boolean;
  readonly columns: ReadonlySet<string> | undefined;
  readonly pieces: readonly number[];
  readonly emptyText: "null" | "text";
}

/** The cells of all rows that come before the end or an error, and the error. */
function read(
  bytes: Uint8Array,
  { byCell, columns, pieces, emptyText }: Reading,
): ReturnType<typeof cellsOf> & { error: string } {
  const decoder = new CsvDecoder({ byCell, columns, emptyText });
  const batches: Batch[] = [];
  let error = "";
  try {
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const size = pieces[i % pieces.length];
      for (const { batch } of decoder.push(bytes.subarray(at, at + size))) batches.push(batch);
      at += size;
    }
    for (const { batch } of decoder.finish()) batches.push(batch);
  } catch (thrown) {
    error = String(thrown);
  }
  return { ...cellsOf(batches), error };
}

function sameBothWays(bytes: Uint8Array, reading: Omit<Reading, "byCell">): void {
  const byKernel = read(bytes, { ...reading, byCell: false });
  expect(byKernel).toEqual(read(bytes, { ...reading, byCell: true }));
}

/** Bytes that mean something in CSV, or nearly do. */
const strange = [...'\r\n,"-+.:0189TZez# \\', "\r\n", ",,", '""', "\0", "é", "NaN", "\n\n"];

/** Puts some strange bytes in, or takes some out; most often behind the head. */
function spoilt(random: Random, csv: string, times: number): string {
  let text = csv;
  for (let i = 0; i < times; i++) {
    const at = Math.floor(random.next() * text.length);
    const gone = Math.floor(random.next() * 3);
    text = text.slice(0, at) + pick(random, [...strange, ""]) + text.slice(at + gone);
  }
  return text;
}

const seed = 20261128;

test(`spoilt rows are read as they are by the cell (seed ${seed})`, () => {
  const random = seeded(seed);
  for (let round = 0; round < 80; round++) {
    const style = {
      odd: pick(random, [0, 0.001, 0.02]),
      perTable: pick(random, [3, 40, 5000]),
      lastIsKey: random.next() < 0.5,
    };
    const { csv } = table(random, style, 600 + Math.ceil(random.next() * 900));
    const bytes = utf8.encode(spoilt(random, csv, pick(random, [0, 1, 1, 2, 5])));
    const columns =
      random.next() < 0.5 ? undefined : new Set(labels.filter(() => random.next() < 0.4));
    const pieces = pick(random, [[1e6], [40_000], [7, 100, 33_000], [4096]]);
    sameBothWays(bytes, { columns, pieces, emptyText: pick(random, ["null", "text"]) });
  }
});

test("there is machine code for columns of each kind, be they read or not", () => {
  const kinds = ["bool", "int", "uint", "float", "string", "time"] as const;
  const made = (stretches: readonly KernelStretch[]): CsvKernel | undefined => {
    const memory = KernelMemory.make();
    return memory && CsvKernel.of(stretches, memory);
  };
  const columns = kinds.flatMap((kind) =>
    [false, true].map((unread) => ({ kind, unread, plain: true, nullable: !unread })),
  );
  for (const column of columns)
    expect(made([{ run: 3 }, column, { run: 2 }, column])).toBeDefined();
  expect(made([{ run: 3 }, ...columns])).toBeDefined();
});

/** Rows of one column, enough of them for the kernel. */
function column(type: string, cells: readonly string[], fallback = ""): Uint8Array {
  const head = `#datatype,string,long,${type}\r\n#group,false,false,false\r\n#default,r,,${fallback}\r\n,result,table,x\r\n`;
  const rows = Array.from(
    { length: Math.max(cells.length, 3000) },
    (_, i) => `,,0,${cells[i % cells.length]}\r\n`,
  );
  return utf8.encode(head + rows.join(""));
}
const whole = { columns: undefined, pieces: [50_000], emptyText: "null" } as const;

test(`numbers of every length are the same (seed ${seed})`, () => {
  const random = seeded(seed);
  const digits = (count: number): string =>
    Array.from({ length: count }, () => Math.floor(random.next() * 10)).join("");
  const floats = Array.from({ length: 20_000 }, () => {
    const sign = random.next() < 0.2 ? "-" : "";
    const before = digits(Math.ceil(random.next() * 19));
    if (random.next() < 0.3) return sign + String(random.next() * 10 ** (random.next() * 20));
    const exponent = pick(random, [
      "",
      "",
      "",
      "e-05",
      "E3",
      "e+22",
      "e-9",
      "e-23",
      "e+09",
      "e21",
      "e100",
    ]);
    return `${sign}${before}.${digits(Math.floor(random.next() * 21))}${exponent}`;
  });
  // In the middle between two doubles, and next to it.
  const near = [
    "9007199254740993",
    "9007199254740991e22",
    "1.7976931348623157e22",
    "-3e+23",
    "9007199254740992.5",
    "0.50000000000000005551",
    "1.",
    "-0.0",
  ];
  sameBothWays(column("double", [...floats, ...near]), whole);
  const ints = Array.from({ length: 3000 }, () => {
    const sign = pick(random, ["", "", "-", "+"]);
    return sign + digits(Math.ceil(random.next() * 17));
  });
  sameBothWays(
    column("long", [...ints, "-9223372036854775808", "9223372036854775807", "-0"]),
    whole,
  );
  sameBothWays(column("unsignedLong", ["18446744073709551615", "0", "999999999999999999"]), whole);
  const short = Array.from({ length: 3000 }, () => {
    const point = random.next() < 0.7 ? `.${digits(Math.floor(random.next() * 5))}` : "";
    return pick(random, ["", "-"]) + digits(Math.ceil(random.next() * 5)) + point;
  });
  sameBothWays(column("double", short), whole);
  for (const wrong of ["1e", "1e+", "1e-", "1e+-2", "1e1.5", "e5", "1e400", "1e-400", "1e 5"])
    sameBothWays(column("double", [...near, wrong]), whole);
  for (const wrong of [".", "-", "-.", ".5", "1.2.3", "12:4", "1/", "1.5\u0089", "1234567;"])
    sameBothWays(column("double", [...short, wrong]), whole);
  for (const wrong of ["1-", "-", "1.2.3", "--1", "9223372036854775808", "1e5"])
    sameBothWays(column("long", [...ints, wrong]), whole);
});

test("every day is the same, and what is none is an error", () => {
  const days: string[] = [];
  for (let day = daysFromCivil(1677, 9, 20); day < daysFromCivil(2262, 4, 15); day += 97) {
    const date = new Date(day * 86_400_000).toISOString().slice(0, 10);
    days.push(
      `${date}T${String(day & 15).padStart(2, "0")}:59:${String(day & 31).padStart(2, "0")}Z`,
    );
  }
  const fits = days.filter((day) => day > "1677-09-22" && day < "2262-04-11");
  sameBothWays(column("dateTime:RFC3339", fits), whole);
  const wrong = [
    "2025-02-29",
    "2100-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-04-31",
    "2026-01-00",
  ];
  for (const date of wrong)
    sameBothWays(column("dateTime:RFC3339", [...fits, `${date}T00:00:00Z`]), whole);
  const strangeTimes = [
    "24:00:00Z",
    "00:60:00Z",
    "00:00:60Z",
    "00:00:00.Z",
    "00:00:00.1234567890Z",
  ];
  for (const time of [...strangeTimes, "00:00:00", "00:00:00+01:00", "00:00:0", "00:00:00.5z"])
    sameBothWays(column("dateTime:RFC3339", [...fits, `2026-01-01T${time}`]), whole);
  const offsets = [
    "+02:00",
    "-00:00",
    "+23:59",
    "-23:59",
    "+24:00",
    "+00:60",
    "+2:00",
    "+0200",
    "+02:0",
  ];
  for (const offset of offsets)
    sameBothWays(
      column("dateTime:RFC3339", [
        ...fits,
        `2026-03-01T00:30:00.5${offset}`,
        `1969-12-31T23:59:59${offset}`,
      ]),
      whole,
    );
  const minute = Array.from(
    { length: 120 },
    (_, i) => `2026-03-01T00:${i < 60 ? "07" : "08"}:${String(i % 60).padStart(2, "0")}Z`,
  );
  sameBothWays(column("dateTime:RFC3339", minute), whole);
  const ends = [".123Z", "Z", ".000000001Z", "+01:00", ".5-23:59", ".999999999+00:00"];
  const within = minute.map((time, i) => time.replace("Z", ends[i % ends.length]));
  sameBothWays(column("dateTime:RFC3339", within), whole);
  for (const end of ["60Z", "5Z", "05z", "05", "0:Z", ":0Z", "05ZZ", "05.5Z", "05+01:00", ""])
    sameBothWays(column("dateTime:RFC3339", [...minute, `2026-03-01T00:08:${end}`]), whole);
  sameBothWays(column("dateTime:2006-01-02", ["2026-01-01", "2026-02-28"]), whole);
});

test("texts, with a value for empty cells and without, few and many, short and long", () => {
  const few = ["ok", "crit", "", "x".repeat(24), "x".repeat(25), "é", " a", "long".repeat(30)];
  const many = Array.from({ length: 6000 }, (_, i) => `request-${i}`);
  for (const fallback of ["", "none"]) {
    for (const emptyText of ["null", "text"] as const) {
      sameBothWays(column("string", few, fallback), { ...whole, emptyText });
      sameBothWays(column("string", [...many, "", '"q,"'], fallback), { ...whole, emptyText });
    }
  }
  // More than there are slots of their own for, of all lengths, and those that zeros tell apart.
  const some = Array.from({ length: 900 }, (_, i) => `${i}${"-".repeat(i % 32)}`);
  for (const texts of [some, ["a", "a\0", "a\0\0", "\0", ...some.slice(0, 40)]])
    sameBothWays(column("string", [...texts, ...texts, ...texts]), whole);
  const quotes = [
    '"a,b"',
    '""',
    '"say ""hi"""',
    '"two\nlines"',
    '"a"b',
    '"a""',
    'a"b',
    '"a" ',
    '"open',
    '"\r"',
  ];
  // The same bytes with quotes around them and without are two texts.
  sameBothWays(column("string", ['say ""hi""', ...quotes.slice(0, 4), ...few]), whole);
  for (const cells of [quotes.slice(0, 2), quotes.slice(0, 4), quotes.slice(4, 8), quotes.slice(8)])
    for (const more of [few, many]) sameBothWays(column("string", [...more, ...cells]), whole);
  // Long ones that differ in one place, more of them than are known at a time.
  for (const count of [40, 3000]) {
    const long = Array.from({ length: count }, (_, i) => {
      const at = i % 90;
      const text = `${"m".repeat(at)}${i}${"é".repeat(60 - (at >> 1))}`;
      return i % 7 === 0 ? `"${text}, ""${i}"""` : text;
    });
    const often = Array.from(
      { length: 12_000 },
      (_, i) => long[(i * 7919) % (i < 6000 ? 40 : count)],
    );
    sameBothWays(column("string", often), whole);
  }
  // As many as there can be slots for, and more than are known at a time, which all come again.
  for (const count of [300, 5000, 40_000]) {
    const known = Array.from({ length: count }, (_, i) => `${i * 7919}`);
    sameBothWays(
      column("string", [...known.slice(0, 3000), ...known.slice(0, 3000), ...known, ...known]),
      whole,
    );
  }
  sameBothWays(column("double", ['"1.5"', "2", '"x"']), whole);
  sameBothWays(column("string", ["y".repeat(70_000), "z"]), whole);
  sameBothWays(column("boolean", ["true", "false", "t", "F", "", "1"]), whole);
  sameBothWays(column("boolean", ["true", "falsy"]), whole);
});

test(`cells without a value, few and many, in columns of each type (seed ${seed})`, () => {
  const random = seeded(seed);
  const types: readonly (readonly [type: string, cell: (n: number) => string, fallback: string])[] =
    [
      ["double", (n) => `${n}.5`, "0.5"],
      ["long", (n) => `-${n}`, "7"],
      ["boolean", (n) => String(n % 2 === 0), "true"],
      ["dateTime:RFC3339", (n) => new Date(n * 1000).toISOString(), "2026-01-01T00:00:00Z"],
      ["string", (n) => `text ${n % 9}`, "none"],
      ["string", (n) => `text ${n}`, "none"],
    ];
  for (let round = 0; round < 6; round++) {
    const [odds, end] = [pick(random, [0.001, 0.1, 0.9, 1]), pick(random, ["\n", "\r\n"])];
    // The last column is one of each type, in its turn.
    const columns = [...types.slice(round % 6), ...types.slice(0, round % 6)];
    const withFallback = columns.map(() => random.next() < 0.3);
    const wrong = random.next() < 0.5 ? Math.floor(random.next() * 17_000) : -1;
    const rows = Array.from({ length: 17_000 }, (_, row) => {
      const cells = columns.map(([, cell]) =>
        random.next() < odds ? pick(random, ["", "", "", '""']) : cell(row),
      );
      if (row === wrong) cells[1 + (round % 5)] = "no, nothing";
      return `,,${row >> 11},${cells.join(",")}${end}`;
    });
    const fallbacks = columns.map(([, , fallback], i) => (withFallback[i] ? fallback : ""));
    const head = [
      `#datatype,string,long,${columns.map(([type]) => type).join(",")}`,
      `#group,false,false${",false".repeat(6)}`,
      `#default,r,,${fallbacks.join(",")}`,
      ",result,table,a,b,c,d,e,f",
    ].join(end);
    const columnsRead = pick(random, [undefined, undefined, new Set(["b", "d", "f"])]);
    const pieces = pick(random, [[1e6], [333_333], [40_000, 9_999]]);
    sameBothWays(utf8.encode(`${head}${end}${rows.join("")}`), {
      columns: columnsRead,
      pieces,
      emptyText: pick(random, ["null", "text"]),
    });
  }
});

test(`quoted texts of any content, in rows of several lines (seed ${seed})`, () => {
  const random = seeded(seed);
  const parts = ['""', '""', "\n", "\r\n", ",", "é", "a", " b", "\r", "x".repeat(30)];
  const quoted = (): string =>
    `"${Array.from({ length: Math.floor(random.next() * 4) }, () => pick(random, parts)).join("")}"`;
  const head =
    "#datatype,string,long,string,double,string,string\n#group,false,false,true,false,false,false\n" +
    "#default,_result,,,,,\n,result,table,key,x,a,b\n";
  for (let round = 0; round < 12; round++) {
    const wrong = random.next() < 0.5 ? 5000 : Math.floor(random.next() * 3000);
    const own = Array.from({ length: pick(random, [5, 300, 3000]) }, quoted);
    const key = Array.from({ length: 200 }, quoted);
    const end = pick(random, ["\n", "\r\n"]);
    const rows = Array.from({ length: 3000 }, (_, i) => {
      const x = i === wrong ? '"no, number"' : pick(random, ["1.5", '"2.5"', ""]);
      return `,,${i >> 4},${key[i >> 4]},${x},${own[i % own.length]},${pick(random, own)}${end}`;
    });
    const columns = random.next() < 0.5 ? undefined : new Set(["x", "b"]);
    const pieces = pick(random, [[1e6], [40_000], [4096, 50_000]]);
    sameBothWays(utf8.encode(head + rows.join("")), { columns, pieces, emptyText: "null" });
  }
});

test("a line break in the key counts in every row that has it", () => {
  const head =
    "#datatype,string,long,string,double\n#group,false,false,true,false\n#default,_result,,,\n" +
    ",result,table,key,x\n";
  const rows = Array.from({ length: 4000 }, (_, i) => `,,0,"a\nb",${i === 3900 ? "no" : "1"}\n`);
  const bytes = utf8.encode(head + rows.join(""));
  sameBothWays(bytes, { ...whole, pieces: [20_000] });
  const { error } = read(bytes, { ...whole, pieces: [20_000], byCell: false });
  expect(error).toContain("line 7805");
});

test("quoted cells of the group key, and rows that end in one", () => {
  const head =
    "#datatype,string,long,string,double,string\n#group,false,false,true,false,true\n#default,_result,,,,\n,result,table,a,x,b\n";
  for (const end of ["\n", "\r\n"]) {
    const rows = Array.from({ length: 3000 }, (_, i) => {
      const table = i >> 4;
      return `,,${table},"a, ${table}",${i}.5,${table % 3 === 0 ? `"b ${table}"` : `b ${table}`}${end}`;
    });
    sameBothWays(utf8.encode(head + rows.join("")), whole);
  }
});

test("tables of other columns, of which some have the same kinds", () => {
  const names = ["ok", "crit", "warn", "info"];
  const block = (label: string, cells: readonly string[]): string =>
    new TextDecoder().decode(column("string", cells)).replace(",x\r\n", `,${label}\r\n`);
  const csv = ["a", "b", "a", "c"].map((label, i) =>
    block(
      label,
      names.map((name) => name + (i % 3)),
    ),
  );
  sameBothWays(utf8.encode(csv.join("\r\n")), whole);
  const kinds = ["double", "long", "unsignedLong"];
  const all = kinds.flatMap((a) => kinds.map((b) => [a, b]));
  const wide = all.map(
    ([a, b]) =>
      `#datatype,string,long,${a},${b}\n#group,false,false,false,true\n#default,_result,,,\n,result,table,x,y\n` +
      Array.from({ length: 700 }, (_, i) => `,,${i >> 3},${i},${i >> 3}\n`).join(""),
  );
  sameBothWays(utf8.encode(wide.join("\n")), whole);
});

test(`blocks of a few heads in any order, some without rows (seed ${seed})`, () => {
  const random = seeded(seed);
  const heads = ["a,b", "b,a", "a,c"].flatMap((names) =>
    ["string,long", "long,string"].map(
      (types) =>
        `#datatype,string,long,${types}\n#group,false,false,true,false\n#default,r,7,,3\n,result,table,${names}\n`,
    ),
  );
  for (let round = 0; round < 20; round++) {
    const blocks = Array.from({ length: 60 }, () => {
      let csv = pick(random, heads);
      const rows = pick(random, [0, 0, 1, 30, 900]);
      const table = pick(random, ["", "1"]);
      for (let i = 0; i < rows; i++)
        csv += `,,${table},${i >> 8},${pick(random, ["5", "66", ""])}\n`;
      return `${csv}\n`;
    });
    const pieces = pick(random, [[1e6], [40_000], [700, 9000]]);
    const reading: Omit<Reading, "byCell"> = { columns: undefined, pieces, emptyText: "null" };
    const bytes = utf8.encode(blocks.join(""));
    sameBothWays(bytes, reading);
    // Each of them alone says the same.
    const alone = blocks.map((block) => read(utf8.encode(block), { ...reading, byCell: true }));
    const together = read(bytes, { ...reading, byCell: false });
    expect(together.cells).toEqual(alone.flatMap(({ cells }) => cells));
    expect(together.tables).toBe(alone.reduce((sum, { tables }) => sum + tables, 0));
    expect(together.error).toBe("");
  }
});

const cellsOfType: Readonly<Record<string, (random: Random) => string>> = {
  double: (random) => pick(random, ["1.5", "-3", "0.1", "12345678901234567890.5", "1e-7", "NaN"]),
  long: (random) => pick(random, ["7", "-12", "9223372036854775807", "0"]),
  unsignedLong: (random) => pick(random, ["7", "18446744073709551615"]),
  boolean: (random) => pick(random, ["true", "false", "t"]),
  "dateTime:RFC3339": (random) =>
    pick(random, ["2026-01-31T09:30:00Z", "2026-02-01T10:00:00.25+02:00", "1969-12-31T23:59:59Z"]),
  string: (random) =>
    pick(random, ["ok", '"a much longer text, of more bytes than"', '"say ""x"""', "b"]),
  // Most of them; "ok" must not be taken for that of another column afterwards.
  different: (random) => (random.next() < 0.02 ? "ok" : `text-${Math.floor(random.next() * 1e9)}`),
};

/** A block of many columns, some of which are like each other; each eleventh is of the key. */
function wideBlock(random: Random, width: number, labelsFrom: number, count = 700): string {
  const columns = Array.from({ length: width }, (_, i) => {
    const maker = pick(random, [...Object.keys(cellsOfType), "string", "different", "different"]);
    const type = maker === "different" ? "string" : maker;
    const make = cellsOfType[maker];
    const fallback = type === "string" && i % 2 === 0 ? "none" : "";
    return { label: `c${labelsFrom + i}`, type, make, fallback, key: i % 11 === 5, gaps: i % 3 };
  });
  const line = (...cells: readonly string[]): string => `${cells.join(",")}\n`;
  const notes = [
    line("#datatype", "string", "long", ...columns.map(({ type }) => type)),
    line("#group", "false", "false", ...columns.map(({ key }) => String(key))),
    line("#default", "r", "", ...columns.map(({ fallback }) => fallback)),
    line("", "result", "table", ...columns.map(({ label }) => label)),
  ];
  const keys = columns.map(({ make }) => make(random));
  const rows = Array.from({ length: count }, () => {
    const cells = columns.map(({ make, key, gaps }, i) => {
      if (key) return keys[i];
      return gaps === 0 && random.next() < 0.1 ? "" : make(random);
    });
    return line("", "", "1", ...cells);
  });
  return `${[...notes, ...rows].join("")}\n`;
}

test(`columns that share their code, in more heads and of more labels than are kept (seed ${seed})`, () => {
  const random = seeded(seed);
  const wide = Array.from({ length: 9 }, (_, i) =>
    wideBlock(random, pick(random, [12, 28, 30]), i * 30, i === 0 ? 5000 : 700),
  );
  // Heads that were read come again, when others were in their memory.
  const long = wideBlock(random, 60, 300, 4800);
  const csv = [...wide, wide[2], long, wide[0], wide[5], wide[0]].join("");
  const reading = { columns: undefined, pieces: [60_000], emptyText: "null" } as const;
  expect(read(utf8.encode(csv), { ...reading, byCell: false }).error).toBe("");
  sameBothWays(utf8.encode(csv), reading);
  sameBothWays(utf8.encode(spoilt(random, csv, 3)), reading);
  const columns = new Set(Array.from({ length: 60 }, (_, i) => `c${i * 5}`));
  sameBothWays(utf8.encode(csv), { ...reading, columns });
});

test(`pieces that come where there is room for them are read as others (seed ${seed})`, async () => {
  const random = seeded(seed);
  const { csv } = table(random, { odd: 0.001, perTable: 40, lastIsKey: false }, 9000);
  // The last row has no line break.
  const bytes = utf8.encode(csv.trimEnd());
  // Some pieces lie in their place, some do not, and some are only a part of the room that was asked for.
  const reading = (inPlace: number) =>
    async function* (room: (bytes: number) => Uint8Array): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length;) {
        const size = pick(random, [1, 3000, 70_000]);
        const piece = bytes.subarray(at, at + size);
        const place = room(size);
        place.set(piece);
        yield random.next() < inPlace ? place.subarray(0, piece.length) : piece;
        at += piece.length;
      }
      // A file is asked for more until it has none.
      room(70_000);
    };
  const read = async (inPlace: number): Promise<unknown> => {
    const batches: Batch[] = [];
    for await (const { batch } of decodeCsv(reading(inPlace))) batches.push(batch);
    return cellsOf(batches);
  };
  const expected = await read(0);
  for (const inPlace of [0.5, 1]) expect(await read(inPlace)).toEqual(expected);
});

test("cells without a value have a code of their dictionary, whatever lay in the kernel's memory before", () => {
  const block = (
    types: readonly string[],
    cell: (column: number, row: number) => string,
  ): string => {
    const each = (one: (type: string, column: number) => string): string => types.map(one).join();
    const head =
      `#datatype,string,long,${each((type) => type)}\n#group,false,false,${each(() => "false")}\n` +
      `#default,r,,${each(() => "")}\n,result,table,${each((_, column) => `c${column}`)}\n`;
    const rows = Array.from(
      { length: 6000 },
      (_, row) => `,,${types.length},${each((_type, column) => cell(column, row))}\n`,
    );
    return head + rows.join("") + "\n";
  };
  // Rows of the second block lie where its own kernel is put; kernels of many columns are dense.
  const first = block(["string", "double"], (_, row) => String(row % 7));
  const second = block(
    Array.from({ length: 9 }, () => "string"),
    (column, row) => ((row + column) % 3 > 0 ? `x${column}` : ""),
  );
  let without = 0;
  const decoder = new CsvDecoder();
  const read = [...decoder.push(utf8.encode(first + second)), ...decoder.finish()];
  for (const { batch } of read)
    for (const column of batch.columns) {
      if (column.form !== "coded") continue;
      for (const code of column.codes) expect(code).toBeLessThan(column.dictionary.size);
      without += column.valid === undefined ? 0 : 1;
    }
  expect(without).toBe(9);
});
