// Writes commit after commit into the bucket "b" below the folder named by the first argument, and
// says so after each, until it is killed.
import { openBuckets } from "@tocsin/adapters/buckets";
import { nodeHost } from "@tocsin/adapters/host-node";

const buckets = openBuckets({ dataDir: process.argv[2], named: {}, host: nodeHost(), env: {} });
for (let time = 1n; ; time++) {
  await buckets.write("b", [{ measurement: "m", tags: [], fields: [["v", "int", time]], time }]);
  console.log(String(time));
}
