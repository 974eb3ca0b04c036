import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBuckets, type WritableBuckets } from "@tocsin/adapters/buckets";
import { nodeHost } from "@tocsin/adapters/host-node";
import { type Batch, cellOf, tableStart } from "@tocsin/data/column";
import { formatTimeNano } from "@tocsin/data/value";
import type { BucketRead } from "@tocsin/engine/plan";
import { type Host, utf8 } from "@tocsin/platform/host";
import { afterAll } from "vitest";

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder of its own for a test; it goes with the last test of the file. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-buckets-"));
  folders.push(folder);
  return folder;
}

/** The real host with a log that is kept. */
export function loggingHost(): { host: Host; messages: string[] } {
  const messages: string[] = [];
  const host = {
    ...nodeHost(),
    log: { write: (_: string, message: string) => void messages.push(message) },
  };
  return { host, messages };
}

export const once = async function* (text: string): AsyncGenerator<Uint8Array> {
  yield utf8.encode(text);
};

/** Ways to keep the bucket "b" with the same points. */
export const places: Readonly<Record<string, (lines: string) => Promise<WritableBuckets>>> = {
  memory: (lines) => filled(undefined, lines),
  embedded: (lines) => filled(newFolder(), lines),
  file: async (lines) => {
    const path = join(newFolder(), "points.lp");
    writeFileSync(path, lines);
    return openBuckets({ dataDir: undefined, named: { b: path }, host: nodeHost(), env: {} });
  },
};

async function filled(dataDir: string | undefined, lines: string): Promise<WritableBuckets> {
  const buckets = openBuckets({ dataDir, named: {}, host: nodeHost(), env: {} });
  const report = await buckets.writeLineProtocol(once(lines), { bucket: "b" });
  if (report.refusedTotal > 0) throw new Error(report.refused[0].reason);
  return buckets;
}

/** A read of the bucket "b" from second 0 to second 1000, unless told otherwise. */
export const readOf = (over: Partial<BucketRead> = {}): BucketRead => ({
  bucket: "b",
  start: 0n,
  stop: 1000_000_000_000n,
  ...over,
});

/**
 * An answer as text: a line a table with measurement, tags and field, then its rows as `time=value` in
 * seconds; `∅` is no value.
 */
export async function answer(
  buckets: { read(request: BucketRead): AsyncIterable<Batch> },
  request: BucketRead,
): Promise<string[]> {
  const tables: string[] = [];
  for await (const batch of buckets.read(request)) {
    for (let table = 0; table < batch.tableEnds.length; table++)
      tables.push(tableText(batch, table));
  }
  return tables;
}

const shownFirst = ["_measurement", "_field"];
const left = ["_start", "_stop", "_time", "_value", ...shownFirst];

function tableText(batch: Batch, table: number): string {
  const cell = (label: string, row: number): unknown => {
    const at = batch.schema.findIndex((spec) => spec.label === label);
    return at < 0 ? undefined : cellOf(batch.columns[at], row, table);
  };
  const tags = batch.schema.filter(({ label }) => !left.includes(label));
  const names = [
    ...shownFirst.map((label) => cell(label, 0)),
    ...tags.map(({ label }) => `${label}=${cell(label, 0)}`),
  ];
  const rows: string[] = [];
  for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
    const time = cell("_time", row);
    const value = cell("_value", row);
    const shown =
      value === null
        ? "∅"
        : JSON.stringify(value, (_, one) => (typeof one === "bigint" ? `${one}i` : one));
    rows.push(
      `${typeof time === "bigint" ? `${seconds(time)}=` : ""}${shown.replaceAll('"', "'")}`,
    );
  }
  return `${names.join(" ")}: ${rows.join(" ")}`;
}

function seconds(time: bigint): string {
  return time % 1_000_000_000n === 0n ? String(time / 1_000_000_000n) : formatTimeNano(time);
}
