import { execFile } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/**
 * Runs common work once, so that V8's compiled code for it lies beside the bundle. That code has only functions that ran in
 * a process which was the first to load some file. So the first run pages, and the second one, which loads one more
 * package, pages with an outbox that exists. `app`: the folder of the package.
 */
export async function warmUp(app: string): Promise<void> {
  const dist = join(app, "dist");
  const folder = mkdtempSync(join(tmpdir(), "tocsin-build-"));
  const onCall = createServer((request, response) => {
    request.resume().on("end", () => void response.end('{"result":"success","entity_id":"a"}'));
  });
  await new Promise<void>((resolve) => onCall.listen(0, "127.0.0.1", resolve));
  const address = onCall.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const [script, again] = [join(folder, "warm.flux"), join(folder, "again.flux")];
  const [many, few] = [join(folder, "many.csv"), join(folder, "few.csv")];
  const origin = `http://127.0.0.1:${port}`;
  writeFileSync(many, warmRows(2000));
  writeFileSync(few, warmRows(50));
  writeFileSync(script, warmScript(many, origin));
  writeFileSync(again, `import "strings"\n${warmScript(few, origin)}`);
  // Started as people start it: V8 refuses code that was kept under other flags.
  const [command, ...first] =
    process.platform === "win32"
      ? [process.execPath, join(dist, "tocsin.cjs")]
      : [join(app, "bin/tocsin")];
  const run = async (...argv: string[]): Promise<void> => {
    await promisify(execFile)(command, [...first, ...argv], {
      env: { ...process.env, TOCSIN_DATA: join(folder, "data"), OTEL_SDK_DISABLED: "true" },
    });
    // Code for a single kind of runs is not shipped.
    for (const found of globSync(join(dist, ".cache/*/script-*")))
      rmSync(found, { recursive: true });
  };
  try {
    await run("run", "--output", "csv", script);
    await run("run", "--output", "csv", again);
    await run("run", "--dry-run", "--output", "csv", script);
    await run("check", script);
  } finally {
    onCall.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Annotated CSV of two tables with so many rows each; with 2,000 it is read as large files are. */
const warmRows = (
  rows: number,
): string => `#datatype,string,long,dateTime:RFC3339,double,string,string
#group,false,false,false,false,true,true
#default,_result,,,,,
,result,table,_time,_value,_field,host
${["a", "b"]
  .flatMap((host, table) =>
    Array.from({ length: rows }, (_, i) => {
      const time = new Date(Date.UTC(2026, 0, 1) + i * 10_000).toISOString().replace(".000", "");
      return `,,${table},${time},${i === rows / 2 ? 92.5 : (i % 89) + 0.25},load,${host}\n`;
    }),
  )
  .join("")}`;

const warmScript = (rows: string, origin: string): string => `import "array"
import "csv"
import "contrib/bonitoo-io/victorops"

rows = csv.from(file: ${JSON.stringify(rows)})
    |> range(start: 2026-01-01T00:00:00Z, stop: 2026-01-02T00:00:00Z)
    |> filter(fn: (r) => r._field == "load" and r._value > 1.0)
    |> map(fn: (r) => ({r with level: if r._value > 90.0 then "crit" else "ok"}))

rows |> yield(name: "rows")
rows |> aggregateWindow(every: 1m, fn: mean, createEmpty: false) |> group(columns: ["host"]) |> yield(name: "means")
rows |> filter(fn: (r) => r.host =~ /^[ab]/) |> sort(columns: ["_value"], desc: true) |> limit(n: 3) |> yield(name: "top")
rows |> pivot(rowKey: ["_time"], columnKey: ["host"], valueColumn: "_value") |> yield(name: "wide")
rows |> count() |> yield(name: "count")
rows |> difference() |> group() |> distinct(column: "level") |> yield(name: "levels")
rows |> reduce(identity: {n: 0}, fn: (r, accumulator) => ({n: accumulator.n + 1})) |> yield(name: "counted")
rows |> map(fn: (r) => ({r with text: "\${r.host} \${string(v: r._value)}"})) |> last() |> yield(name: "text")
array.from(rows: [{a: 1, b: "x"}]) |> yield(name: "built")
rows |> filter(fn: (r) => r.level == "crit") |> victorops.endpoint(url: "${origin}/integrations/generic/20131114/alert/k/r")(mapFn: (r) =>
    ({messageType: "CRITICAL", entityID: r.host, entityDisplayName: r.host, stateMessage: "\${r.host}: \${r._value}", timestamp: r._time, monitoringTool: "x"}),
)() |> yield(name: "sent")
`;
