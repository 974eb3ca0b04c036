import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inProcess } from "./in-process.ts";
import { compareWithInfluxd, type InfluxdOutcome } from "./influxd.ts";

const influxd = process.env["TOCSIN_PEER_INFLUXD"];

test(`every case beside influxd runs${influxd === undefined ? "" : ", with its answers"}`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-influxd-"));
  const outcomes: InfluxdOutcome[] = [];
  try {
    const plan = { points: 2000, rounds: 1, only: "", influxd, folder, tocsin: inProcess };
    await compareWithInfluxd(plan, (outcome) => outcomes.push(outcome));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const wrong = outcomes.filter(({ cold: [{ code }], equal }) => code !== 0 || equal === false);
  expect(wrong.map(({ one, cold: [{ complaint }] }) => `${one.name}: ${complaint}`)).toEqual([]);
  expect(outcomes.length).toBe(20);
}, 60_000);
