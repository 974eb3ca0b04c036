import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBuckets } from "@tocsin/adapters/buckets";
import { nodeHost } from "@tocsin/adapters/host-node";
import { expect, test } from "vitest";
import { answer, newFolder, once, readOf } from "./places.ts";

const open = (source: string): ReturnType<typeof openBuckets> =>
  openBuckets({ dataDir: undefined, named: { b: source }, host: nodeHost(), env: {} });

test("a folder is all its files of line protocol and annotated CSV", async () => {
  const folder = newFolder();
  writeFileSync(join(folder, "1.lp"), "m v=1 1000000000\n");
  writeFileSync(join(folder, "2.lp"), "m v=2 2000000000\nm v=3 1000000000\n");
  writeFileSync(join(folder, "notes.md"), "no data\n");
  const csv = [
    "#datatype,string,long,dateTime:RFC3339,double,string,string",
    "#group,false,false,false,false,true,true",
    "#default,_result,,,,,",
    ",result,table,_time,_value,_field,_measurement",
    ",,0,1970-01-01T00:00:05Z,1.5,f,c",
  ].join("\n");
  writeFileSync(join(folder, "3.csv"), csv);
  expect(await answer(open(folder), readOf())).toEqual(["c f: 5=1.5", "m v: 1=3 2=2"]);
});

test("a file is read again when it has changed", async () => {
  const path = join(newFolder(), "b.lp");
  writeFileSync(path, "m v=1 1000000000\n");
  const buckets = open(path);
  expect(await answer(buckets, readOf())).toEqual(["m v: 1=1"]);
  writeFileSync(path, "m v=1 1000000000\nm v=22 2000000000\n");
  expect(await answer(buckets, readOf())).toEqual(["m v: 1=1 2=22"]);
});

test.each([
  ["a bad line", "m v=1 1\nm v=abc 2\n", 'bucket "b": PATH, line 2: field "v" has the value "abc"'],
  [
    "a change of type",
    "m v=1 1\nm v=2i 2\n",
    'PATH, line 2: field "v" of "m" is a float there already',
  ],
])(
  "%s fails the read, for an answer that lacks rows would look whole",
  async (_, text, message) => {
    const path = join(newFolder(), "b.lp");
    writeFileSync(path, text);
    await expect(answer(open(path), readOf())).rejects.toThrow(message.replace("PATH", path));
  },
);

test("a file that is not there is named, with the bucket", async () => {
  const path = join(newFolder(), "nothing.lp");
  await expect(answer(open(path), readOf())).rejects.toMatchObject({
    code: "not found",
    message: `bucket "b": cannot read ${path}: no such file or folder`,
  });
  await expect(answer(open(newFolder()), readOf())).rejects.toThrow(
    "holds no file that ends in .lp, .line, .txt or .csv",
  );
});

test("a file cannot be written to", async () => {
  const buckets = open("/tmp/some.lp");
  const point = { measurement: "m", tags: [], fields: [["v", "float", 1] as const], time: 1n };
  await expect(buckets.write("b", [point])).rejects.toThrow(
    'bucket "b" is /tmp/some.lp: it can only be read',
  );
  await expect(buckets.writeLineProtocol(once("m v=1"), { bucket: "b" })).rejects.toThrow(
    "only be read",
  );
});
