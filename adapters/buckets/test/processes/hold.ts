// Holds the DuckDB file named by the first argument until standard input ends. It waits for its turn, as
// writers do: a store stays open for a moment after it was read.
import { setTimeout } from "node:timers/promises";
import { DuckDBInstance } from "@duckdb/node-api";

async function hold(path: string): Promise<DuckDBInstance> {
  for (;;) {
    try {
      return await DuckDBInstance.create(path);
    } catch (error) {
      if (!String(error).includes("Could not set lock")) throw error;
      await setTimeout(20);
    }
  }
}

const instance = await hold(process.argv[2]);
console.log("held");
process.stdin.resume();
process.stdin.on("end", () => {
  instance.closeSync();
});
