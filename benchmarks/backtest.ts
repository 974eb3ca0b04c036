import { optionsOf } from "../tools/options.ts";
import { pathToFileURL } from "node:url";
import { History, openBuckets } from "@tocsin/adapters/buckets";
import { nanosecondDuration } from "@tocsin/data/value";
import { backtest, momentsOf } from "@tocsin/library/backtest";
import { compileScript } from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { memoryHost, seeded, utf8 } from "@tocsin/platform/host";

// What a run of a backtest costs: a script that pages above a limit, every minute over some series.
// `--series N` (100), `--days N` (1). A month is 43,200 runs.

/** What a backtest cost. Milliseconds. */
interface Measured {
  readonly runs: number;
  readonly pages: number;
  readonly wall: number;
  /** Of this process, user and system. */
  readonly cpu: number;
}

const start = 1_767_225_600_000_000_000n;
const minute = 60_000_000_000n;

const script = `import "contrib/bonitoo-io/victorops"
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/a-key/ops")
from(bucket: "b")
    |> range(start: -5m)
    |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage")
    |> aggregateWindow(every: 5m, fn: mean, createEmpty: false)
    |> last()
    |> map(fn: (r) => ({r with level: if r._value > 75.0 then "CRITICAL" else if r._value < 75.0 then "RECOVERY" else ""}))
    |> filter(fn: (r) => r.level == "CRITICAL" or (r.level == "RECOVERY" and r._value > 59.0))
    |> page(mapFn: (r) => ({
        messageType: r.level, entityID: r.host, entityDisplayName: "CPU of \${r.host}", stateMessage: "\${r._value} %", timestamp: r._time,
    }))()
`;

/** The points of some series over a day, some of them high. */
async function* linesOf(series: number, days: number): AsyncGenerator<Uint8Array> {
  const random = seeded(7);
  const levels = Array.from({ length: series }, () => 40);
  for (let at = -10; at < days * 1440; at++) {
    let lines = "";
    for (let host = 0; host < series; host++) {
      const moved = levels[host] + (random.next() - 0.5) * 6 + (40 - levels[host]) * 0.02;
      levels[host] = Math.min(60, Math.max(5, moved));
      // One in ten is in trouble for half an hour a day.
      const high = host % 10 === 0 && (at + host * 97) % 1440 > 1410 ? 39 : 0;
      lines += `cpu,host=h${host} usage=${(levels[host] + high).toFixed(2)} ${start + BigInt(at) * minute}\n`;
    }
    yield utf8.encode(lines);
  }
}

/** Backtests the script. The data is made before time is measured. */
export async function measured(series: number, days: number): Promise<Measured> {
  const host = memoryHost();
  const buckets = openBuckets({ dataDir: undefined, named: {}, host, env: {} });
  await buckets.writeLineProtocol(linesOf(series, days), { bucket: "b" });
  const { program } = compileScript(script, "cpu.flux");
  const to = start + BigInt(days * 1440) * minute;
  const moments = momentsOf(nanosecondDuration(minute), start, to);
  if (program === undefined || moments === undefined)
    throw new Error("the script does not compile");
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const world = {
    host,
    library: standardLibrary,
    buckets: new History(buckets, start, to).overlay(),
  };
  const { runs, pages, failed } = await backtest(program, { moments, delay: 0n }, world);
  if (failed.first !== undefined) throw new Error(failed.first.message);
  const { user, system } = process.cpuUsage(cpu);
  return {
    runs,
    pages: pages.length,
    wall: performance.now() - began,
    cpu: (user + system) / 1000,
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { series, days } = optionsOf({ series: 100, days: 1 });
  const { runs, pages, wall, cpu } = await measured(series, days);
  const perRun = (milliseconds: number): string => (milliseconds / runs).toFixed(2);
  console.log(
    `${runs} runs, ${pages} pages: ${(wall / 1000).toFixed(1)} s (${perRun(wall)} ms a run), ` +
      `CPU ${(cpu / 1000).toFixed(1)} s (${perRun(cpu)} ms a run)`,
  );
}
