import { rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBuckets, type WritableBuckets } from "@tocsin/adapters/buckets";
import { nodeHost } from "@tocsin/adapters/host-node";
import { recordingDeliveries } from "@tocsin/alerting/oncall";
import type { Batch } from "@tocsin/data/column";
import { compileScript, runProgram } from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { type Peer, startPeer } from "./peer.ts";
import { tenThousandPoints } from "./points.ts";
import { queries, type Query } from "./queries.ts";
import { compared, type PlainTable, tablesOf, tablesOfCsv, type Verdict } from "./tables.ts";

/** Where the same points are kept, beside influxd itself. */
const places = ["embedded", "file", "server"] as const;
type Place = (typeof places)[number];

/** What a query gave in a place, compared with influxd's own answer. */
export interface Outcome {
  readonly query: Query;
  readonly place: Place;
  readonly verdict: Verdict;
}

/** Loads the points everywhere, runs every query everywhere, and compares. */
export async function compare(influxd: string): Promise<readonly Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-influxd-"));
  const peer = await startPeer(influxd, join(folder, "peer"), "points");
  try {
    const lines = tenThousandPoints();
    await peer.write(lines);
    const buckets = await ownBuckets(folder, peer, lines);
    const outcomes: Outcome[] = [];
    for (const query of queries) {
      const answer = await peer.query(query.flux.replaceAll('"B"', '"points"'));
      for (const place of places) {
        const ours = await answerOf(query.flux.replaceAll('"B"', `"${place}"`), buckets);
        const theirs = tablesOfCsv(answer, ours.emptyText);
        outcomes.push({ query, place, verdict: ours.error ?? compared(theirs, ours.tables) });
      }
    }
    return outcomes;
  } finally {
    await peer.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ownBuckets(folder: string, peer: Peer, lines: string): Promise<WritableBuckets> {
  const file = join(folder, "points.lp");
  writeFileSync(file, lines);
  const buckets = openBuckets({
    dataDir: join(folder, "data"),
    named: { file, server: `influxdb2:${peer.url}?bucket=points` },
    host: nodeHost(),
    env: { INFLUX_ORG: peer.org, INFLUX_TOKEN: peer.token },
  });
  const stream = (async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from(lines, "utf8");
  })();
  const report = await buckets.writeLineProtocol(stream, { bucket: "embedded" });
  if (report.refusedTotal > 0) throw new Error(`refused: ${JSON.stringify(report.refused[0])}`);
  return buckets;
}

interface Answer {
  readonly tables: readonly PlainTable[];
  readonly error: Verdict | undefined;
  /** CSV cannot tell them apart: what an empty cell of influxd's answer stands for. */
  readonly emptyText: "null" | "text";
}

async function answerOf(flux: string, buckets: WritableBuckets): Promise<Answer> {
  const compiled = compileScript(flux, "query.flux");
  if (compiled.program === undefined) {
    const where = compiled.diagnostics.map(({ message }) => message).join("; ");
    return { tables: [], error: { kind: "different", where }, emptyText: "null" };
  }
  const batches: Batch[] = [];
  const environment = {
    host: nodeHost(),
    buckets,
    deliveries: recordingDeliveries(),
    library: standardLibrary,
  };
  const sink = {
    push: (_: string, batch: Batch): void => void batches.push(batch),
    finish: (): void => undefined,
  };
  const report = await runProgram(compiled.program, environment, sink);
  const tables = tablesOf(batches);
  const empty = tables.some(({ rows }) => rows.some((cells) => cells.includes("")));
  const [failed] = report.errors;
  const error: Verdict | undefined =
    failed === undefined ? undefined : { kind: "different", where: failed.error.message };
  return { tables, error, emptyText: empty ? "text" : "null" };
}
