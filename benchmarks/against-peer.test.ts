import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compare, type Outcome } from "./against-peer.ts";
import { inProcess } from "./in-process.ts";

const peer = process.env["TOCSIN_PEER_FLUX"];

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
