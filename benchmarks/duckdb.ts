// DuckDB by itself, as a process to compare with. `duckdb.ts DATABASE SQL` prints a line `NAME VALUE` for each row of
// two columns (a short text, a double). `duckdb.ts DATABASE --sum SQL` reads rows of a number below 65,536, a time and a
// double, and prints the sum for each number; `--count` prints the number of rows.
import bindings from "@duckdb/node-bindings";

const [path, ...rest] = process.argv.slice(2);
const sql = rest.at(-1) ?? "";
const database = await bindings.open(path);
const connection = await bindings.connect(database);
const result = await bindings.query(connection, sql);
const chunks = bindings.result_chunk_count(result);
const sums = new Float64Array(65_536);
const lines: string[] = [];
for (let i = 0; i < chunks; i++) {
  const chunk = bindings.result_get_chunk(result, i);
  const rows = bindings.data_chunk_get_size(chunk);
  const bytes = (column: number, width: number): ArrayBufferLike =>
    bindings.vector_get_data(bindings.data_chunk_get_vector(chunk, column), rows * width).buffer;
  if (rest[0] === "--sum" || rest[0] === "--count") {
    const counted = rest[0] === "--count";
    const [series, values] = [new Int32Array(bytes(0, 4)), new Float64Array(bytes(2, 8))];
    bytes(1, 8);
    for (let row = 0; row < rows; row++) sums[series[row]] += counted ? 1 : values[row];
  } else if (bindings.column_count(result) === 2) {
    const names = Buffer.from(bytes(0, 16));
    const values = new Float64Array(bytes(1, 8));
    for (let row = 0; row < rows; row++) {
      const length = names.readUInt32LE(row * 16);
      const name = names.toString("utf8", row * 16 + 4, row * 16 + 4 + length);
      lines.push(`${name} ${values[row]}`);
    }
  }
}
sums.forEach((sum, series) => sum !== 0 && lines.push(`h${series} ${sum}`));
console.log(lines.join("\n"));
bindings.disconnect_sync(connection);
bindings.close_sync(database);
