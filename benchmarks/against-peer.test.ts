import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { main } from "../apps/tocsin/src/main.ts";
import { compare, type Outcome } from "./against-peer.ts";
import type { Cost } from "./process.ts";

const peer = process.env["TOCSIN_PEER_FLUX"];

/** The command line in this process, on streams that keep what they are given. */
async function inProcess(argv: readonly string[]): Promise<Cost> {
  const written: Buffer[] = [];
  const complaints: string[] = [];
  const out = {
    write: (bytes: string | Uint8Array) => written.push(Buffer.from(bytes)) > 0,
    once: () => undefined,
  };
  const streams = {
    out: out as unknown as NodeJS.WriteStream,
    err: {
      write: (text: string) => complaints.push(text) > 0,
    } as unknown as NodeJS.WriteStream,
    env: {},
    cwd: process.cwd(),
  };
  const code = await main(argv, streams);
  return {
    milliseconds: 1,
    cpuMilliseconds: undefined,
    megabytes: 0,
    output: Buffer.concat(written).toString("utf8"),
    complaint: complaints.join(""),
    code,
  };
}

test(`every case of the benchmark runs${peer === undefined ? "" : ", with the peer's answers"}`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-benchmark-"));
  const outcomes: Outcome[] = [];
  try {
    const plan = { rows: 400, rounds: 1, only: "", peer, folder, tocsin: inProcess };
    await compare(plan, (outcome) => outcomes.push(outcome));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const wrong = outcomes.filter(({ ours: [{ code }], equal }) => code !== 0 || equal === false);
  expect(wrong.map(({ one, ours: [{ complaint }] }) => `${one.name}: ${complaint}`)).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(40);
}, 180_000);
