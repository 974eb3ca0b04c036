import type {
  Point,
  StorageAggregate,
  StorageComparison,
  StoragePredicate,
} from "@tocsin/engine/plan";
import { describe, expect, test } from "vitest";
import { answer, once, places, readOf } from "./places.ts";

// What influxd 2.9.1 was seen to answer; conformance/influxd asks it again where it is at hand.

const second = 1_000_000_000;
const lines = [
  `m,host=a f=1 ${1 * second}`,
  `m,host=b,region=eu f=2,g=5i ${2 * second}`,
  `m,host=c,region=us f=3,s="x",u=7u,z=true ${3 * second}`,
  `m,host=c,region=us f=4,s="y",u=8u,z=false,i=3i ${4 * second}`,
].join("\n");

type Literal = StorageComparison["literal"];
const text = (value: string): Literal => ({ kind: "string", value });
const float = (value: number): Literal => ({ kind: "float", value });
const int = (value: bigint): Literal => ({ kind: "int", value });
const pattern = (value: string): Literal => ({ kind: "regexp", value });
const where = (
  column: string,
  operator: StorageComparison["operator"],
  literal: Literal,
): StoragePredicate => ({ kind: "comparison", column, operator, literal });

describe.each(Object.keys(places))("a bucket in: %s", (place) => {
  const open = places[place];

  test("gives a table for each series and field, by measurement, tags and field", async () => {
    const buckets = await open(lines);
    expect(await answer(buckets, readOf())).toEqual([
      "m f host=a: 1=1",
      "m f host=b region=eu: 2=2",
      "m g host=b region=eu: 2='5i'",
      "m f host=c region=us: 3=3 4=4",
      "m i host=c region=us: 4='3i'",
      "m s host=c region=us: 3='x' 4='y'",
      "m u host=c region=us: 3='7i' 4='8i'",
      "m z host=c region=us: 3=true 4=false",
    ]);
  });

  test("has columns _start, _stop, _time, _value and then all others by their bytes", async () => {
    const buckets = await open(`m,Host=a,_x=1,a=2,zone=z f=1 ${second}`);
    for await (const { schema } of buckets.read(readOf())) {
      expect(schema.map(({ label, key }) => `${label}${key ? "*" : ""}`).join(" ")).toBe(
        "_start* _stop* _time _value Host* _field* _measurement* _x* a* zone*",
      );
    }
  });

  test("orders series by the bytes of key, value, key, value; shorter lists first", async () => {
    const names = [
      "m2,b=1",
      "m2,a=1,b=1",
      "m2,a=1",
      "m2,a=1\\,b",
      "m2,a\\,b=1",
      "m2,a=2",
      "m2",
      "m2-1",
      "m2\\,1",
      "m2\\ 1,a=1",
    ];
    const buckets = await open(names.map((name) => `${name} f=1 ${second}`).join("\n"));
    expect((await answer(buckets, readOf())).map((table) => table.replace(/ f|: .*/g, ""))).toEqual(
      [
        "m2",
        "m2 a=1",
        "m2 a=1 b=1",
        "m2 a=1,b",
        "m2 a=2",
        "m2 a,b=1",
        "m2 b=1",
        "m2 1 a=1",
        "m2,1",
        "m2-1",
      ],
    );
  });

  test("includes the start and not the stop, to the nanosecond", async () => {
    const buckets = await open("m f=1 10\nm f=2 11\nm f=3 12");
    const times = await answer(buckets, readOf({ start: 10n, stop: 12n }));
    expect(times).toEqual([
      "m f: 1970-01-01T00:00:00.00000001Z=1 1970-01-01T00:00:00.000000011Z=2",
    ]);
    expect(await answer(buckets, readOf({ start: 13n }))).toEqual([]);
    await expect(answer(buckets, readOf({ start: 5n, stop: 5n }))).rejects.toThrow("empty range");
  });

  test("keeps the value that was written last, field by field", async () => {
    const buckets = await open(
      `m a=1,b=1 ${second}\nm a=2 ${second}\nm a=0 ${2 * second}\nm b=3 ${second}`,
    );
    expect(await answer(buckets, readOf())).toEqual(["m a: 1=2 2=0", "m b: 1=3"]);
  });

  test("sorts by time what was written out of order", async () => {
    const buckets = await open([3, 1, 2].map((at) => `m f=${at} ${at * second}`).join("\n"));
    expect(await answer(buckets, readOf())).toEqual(["m f: 1=1 2=2 3=3"]);
  });

  test("keeps text as it is: empty, with line breaks, quotes, NUL and letters of all kinds", async () => {
    const point = `m,ta\\ g=ü\\=😀 a="",b="a\n\\"\\\\\0'é" ${second}`;
    const buckets = await open(point);
    const named = "ta g=ü=😀";
    expect(await answer(buckets, readOf())).toEqual([
      `m a ${named}: 1=''`,
      `m b ${named}: 1=${JSON.stringify("a\n\"\\\0'é").replaceAll('"', "'")}`,
    ]);
  });

  test.each<[string, StoragePredicate, string[]]>([
    ["a missing tag is not the text searched for", where("region", "!=", text("eu")), ["a", "c"]],
    ["… but it is not the empty text either", where("region", "!=", text("")), ["b", "c"]],
    ["nothing equals the empty text", where("region", "==", text("")), []],
    ["a missing tag has no order", where("region", "<", text("f")), ["b"]],
    ["… whatever the literal", where("region", ">=", text("")), ["b", "c"]],
    ["a pattern sees a missing tag as empty", where("region", "=~", pattern("^$")), ["a"]],
    ["… and so does its opposite", where("region", "!~", pattern("eu")), ["a", "c"]],
    [
      "an unknown tag matches what matches all",
      where("nope", "=~", pattern(".*")),
      ["a", "b", "c"],
    ],
    ["exists sees the tags that are there", { kind: "exists", column: "region" }, ["b", "c"]],
    ["every point has a value", { kind: "exists", column: "_value" }, ["a", "b", "c"]],
    ["a tag is no number", where("region", "!=", int(5n)), []],
  ])("conditions on tags: %s", async (_, predicate, hosts) => {
    const buckets = await open(lines);
    const tables = await answer(buckets, readOf({ predicate }));
    expect([...new Set(tables.map((table) => /host=(\w)/.exec(table)?.[1]))]).toEqual(hosts);
  });

  test.each<[string, StoragePredicate, string[]]>([
    [
      "ints compare with floats",
      where("_value", ">", float(2.5)),
      ["g b=5i", "f c=3 4", "i c=3i", "u c=7i 8i"],
    ],
    ["floats compare with ints", where("_value", "==", int(3n)), ["f c=3", "i c=3i"]],
    ["other types are left out", where("_value", "!=", text("x")), ["s c=y"]],
    ["patterns see text only", where("_value", "!~", pattern("x")), ["s c=y"]],
    [
      "truth is compared with truth",
      where("_value", "==", { kind: "bool", value: true }),
      ["z c=true"],
    ],
    ["text has an order", where("_value", ">", text("x")), ["s c=y"]],
    [
      "a side may hold for a whole series",
      { kind: "or", left: where("_value", ">", float(4.5)), right: where("host", "==", text("a")) },
      ["f a=1", "g b=5i", "u c=7i 8i"],
    ],
    [
      "both sides may ask the value",
      {
        kind: "and",
        left: where("_value", ">=", int(2n)),
        right: where("_value", "<", float(3.5)),
      },
      ["f b=2", "f c=3", "i c=3i"],
    ],
  ])("conditions on values: %s", async (_, predicate, expected) => {
    const buckets = await open(lines);
    const tables = await answer(buckets, readOf({ predicate }));
    const short = tables.map((table) =>
      table
        .replace(/^m (\w) host=(\w)[^:]*: /, "$1 $2=")
        .replaceAll("'", "")
        .replaceAll(/\b\d+=/g, ""),
    );
    expect(short).toEqual(expected);
  });

  const numbers = [3, 1, 1, 9, 2]
    .map((value, at) => `n v=${value},i=${value}i ${(at + 1) * 10 * second}`)
    .join("\n");
  const every = (of: number, offset = 0): NonNullable<StorageAggregate["window"]> => ({
    every: BigInt(of * second),
    offset: BigInt(offset * second),
    createEmpty: false,
  });

  test.each<[StorageAggregate["function"], string[]]>([
    ["first", ["n i: 10='3i'", "n v: 10=3"]],
    ["last", ["n i: 50='2i'", "n v: 50=2"]],
    ["min", ["n i: 20='1i'", "n v: 20=1"]],
    ["max", ["n i: 40='9i'", "n v: 40=9"]],
    ["count", ["n i: '5i'", "n v: '5i'"]],
    ["sum", ["n i: '16i'", "n v: 16"]],
    ["mean", ["n i: 3.2", "n v: 3.2"]],
  ])("%s of the whole range", async (name, tables) => {
    const buckets = await open(numbers);
    expect(buckets.pushes("b").has(name)).toBe(true);
    expect(await answer(buckets, readOf({ aggregate: { function: name } }))).toEqual(tables);
  });

  test.each<[string, StorageAggregate, string]>([
    ["max, shifted", { function: "max", window: every(30, 15) }, "15=3 45=9 70=2"],
    [
      "last, with windows without points",
      { function: "last", window: { ...every(20), createEmpty: true } },
      "20=3 40=1 60=2 70=∅",
    ],
    ["mean", { function: "mean", window: every(20) }, "20=3 40=1 60=5.5"],
    [
      "count",
      { function: "count", window: { ...every(15), createEmpty: true } },
      "15='1i' 30='1i' 45='2i' 60='1i' 70='0i'",
    ],
    ["windows end with the range", { function: "sum", window: every(1000) }, "70=16"],
  ])("windows: %s", async (_, aggregate, rows) => {
    const buckets = await open(numbers);
    const request = readOf({
      start: 0n,
      stop: BigInt(70 * second),
      predicate: where("_field", "==", text("v")),
      aggregate,
    });
    expect(await answer(buckets, request)).toEqual([`n v: ${rows}`]);
  });

  test("sums of whole numbers wrap at 64 bits, and means do not", async () => {
    const big = "9223372036854775807";
    const buckets = await open(`m i=${big}i,u=18446744073709551615u 1\nm i=${big}i,u=2u 2`);
    const aggregate = (name: "sum" | "mean"): Promise<string[]> =>
      answer(buckets, readOf({ aggregate: { function: name } }));
    expect(await aggregate("sum")).toEqual(["m i: '-2i'", "m u: '1i'"]);
    expect(await aggregate("mean")).toEqual([
      "m i: 9223372036854776000",
      "m u: 9223372036854776000",
    ]);
  });

  test("text has no sum: said with the field's name", async () => {
    const buckets = await open(lines);
    const asked = answer(buckets, readOf({ aggregate: { function: "sum" } }));
    await expect(asked).rejects.toThrow(
      /bucket "b": .*sum aggregate: string \(field "s"\)|sum aggregate: string/,
    );
  });

  test("an unknown bucket is an error with the near names", async () => {
    const buckets = await open(lines);
    const asked = answer(buckets, readOf({ bucket: "B" }));
    await expect(asked).rejects.toMatchObject({
      code: "not found",
      message: 'could not find bucket "B"',
      hint: 'did you mean "b"?',
    });
    expect((await buckets.list()).map(({ name }) => name)).toEqual(["b"]);
  });
});

describe.each(["memory", "embedded"])("writing into: %s", (place) => {
  const week = 604_800 * second;

  test("a field keeps its type for a week of a measurement; another type costs the point", async () => {
    const buckets = await places[place](`m,h=a v=1 ${second}`);
    const more = [
      `m,h=b v=2i,w=1 ${2 * second}`,
      `m,h=b v=3 ${3 * second}`,
      `m,h=b v=4i ${2 * week}`,
    ].join("\n");
    const report = await buckets.writeLineProtocol(once(more), { bucket: "b" });
    expect(report.written).toBe(2);
    expect(report.refused).toEqual([
      { line: 1, reason: 'field "v" of "m" is a float there already, and an integer here' },
    ]);
    expect(await answer(buckets, readOf({ stop: BigInt(3 * week) }))).toEqual([
      "m v h=a: 1=1",
      "m v h=b: 3=3",
      "m v h=b: 1209600='4i'",
    ]);
  });

  test("lines that cannot be read are told by their numbers, and the others are stored", async () => {
    const buckets = await places[place](`m v=1 ${second}`);
    const bad = `m v=2 ${2 * second}\nnonsense\nm v=x ${second}\r\n\nm v=3,time=5 ${3 * second}\n`;
    const report = await buckets.writeLineProtocol(once(bad), { bucket: "b" });
    expect(report.written).toBe(2);
    expect(report.refused.map(({ line }) => line)).toEqual([2, 3, 5]);
    expect(report.refusedTotal).toBe(3);
    expect(await answer(buckets, readOf())).toEqual(["m v: 1=1 2=2 3=3"]);
  });

  test("points are written through the port too, one call a commit", async () => {
    const buckets = await places[place](`m v=1 ${second}`);
    const tags = [
      ["z", "1"],
      ["a", "2"],
      ["empty", ""],
    ] as const;
    await buckets.write("new", [{ measurement: "m", tags, fields: [["v", "float", 1]], time: 7n }]);
    await buckets.write("new", []);
    expect(await answer(buckets, readOf({ bucket: "new", stop: 8n }))).toEqual([
      "m v a=2 z=1: 1970-01-01T00:00:00.000000007Z=1",
    ]);
    const other = { measurement: "m", tags, fields: [["v", "int", 1n] as const], time: 8n };
    await expect(buckets.write("new", [other])).rejects.toThrow(
      'bucket "new": 1 of 1 points were refused',
    );
  });

  test.each<[Partial<Point>, string]>([
    [{ fields: [["v", "float", NaN]] }, 'field "v" is NaN, which buckets cannot hold'],
    [{ tags: [["_time", "x"]] }, 'a tag may not be called "_time"'],
    [{ fields: [["time", "int", 1n]] }, 'a field may not be called "time"'],
    [{ fields: [] }, "a point has no field"],
  ])("what no bucket can hold is refused: %#", async (over, reason) => {
    const buckets = await places[place](`m v=1 ${second}`);
    const point = {
      measurement: "m",
      tags: [],
      fields: [["v", "float", 2] as const],
      time: 7n,
      ...over,
    };
    await expect(buckets.write("b", [point])).rejects.toThrow(reason);
    expect(await answer(buckets, readOf())).toEqual(["m v: 1=1"]);
  });

  test("annotated CSV is written as points of one field", async () => {
    const buckets = await places[place](`m v=1 ${second}`);
    const csv = [
      "#datatype,string,long,dateTime:RFC3339,double,string,string,string",
      "#group,false,false,false,false,true,true,true",
      "#default,_result,,,,,,",
      ",result,table,_time,_value,_field,_measurement,host",
      ",,0,1970-01-01T00:00:05Z,1.5,f,c,a",
      ",,0,1970-01-01T00:00:06Z,,f,c,a",
      ",,1,1970-01-01T00:00:05Z,2.5,f,c,",
    ].join("\n");
    const report = await buckets.writeCsv(once(csv), { bucket: "csv" });
    expect(report).toMatchObject({ written: 2, refused: [] });
    expect(await answer(buckets, readOf({ bucket: "csv" }))).toEqual([
      "c f: 5=2.5",
      "c f host=a: 5=1.5",
    ]);
    const lacking = csv.replaceAll("_field", "field");
    await expect(buckets.writeCsv(once(lacking), { bucket: "csv" })).rejects.toThrow(
      "no column _field",
    );
  });
});
