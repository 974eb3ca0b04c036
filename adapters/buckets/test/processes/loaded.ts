// Says after each step whether DuckDB has been loaded. First argument: a folder with a file b.lp.
import { createRequire } from "node:module";
import { join } from "node:path";
import { openBuckets } from "@tocsin/adapters/buckets";
import { nodeHost } from "@tocsin/adapters/host-node";

const folder = process.argv[2];
const say = (step: string): void => {
  const modules = Object.keys(createRequire(import.meta.url).cache);
  console.log(`${step}: ${modules.some((name) => name.includes("@duckdb"))}`);
};
const named = { b: join(folder, "b.lp") };
const buckets = openBuckets({ dataDir: folder, named, host: nodeHost(), env: {} });
await buckets.list();
for await (const batch of buckets.read({ bucket: "b", start: 0n, stop: 10n })) {
  if (batch.rows !== 1) throw new Error("one row was expected");
}
await buckets
  .read({ bucket: "other", start: 0n, stop: 10n })
  [Symbol.asyncIterator]()
  .next()
  .catch(() => undefined);
say("a file was read, an unknown bucket was asked");
const point = { measurement: "m", tags: [], fields: [["v", "float", 1] as const], time: 1n };
await buckets.write("own", [point]);
say("a point was written");
