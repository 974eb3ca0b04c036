// Holds the DuckDB file named by the first argument until standard input ends.
import { DuckDBInstance } from "@duckdb/node-api";

const instance = await DuckDBInstance.create(process.argv[2]);
console.log("held");
process.stdin.resume();
process.stdin.on("end", () => {
  instance.closeSync();
});
