// Appends points to the table "ints" of the DuckDB file named by the first argument, one transaction a
// point, and dies without closing it: its log of commits stays beside it.
import { DuckDBInstance } from "@duckdb/node-api";

const instance = await DuckDBInstance.create(process.argv[2]);
const connection = await instance.connect();
for (let time = 1000; time < 1100; time++) {
  await connection.run(`INSERT INTO ints VALUES (${time}, 0, ${time})`);
}
process.kill(process.pid, "SIGKILL");
