import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inProcess } from "./in-process.ts";
import { type Held, measureHolds } from "./loop-hold.ts";

test("every pipeline whose holds are measured runs", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-holds-"));
  const all: Held[] = [];
  const tocsin: Parameters<typeof measureHolds>[0]["tocsin"] = (argv, holds) => {
    writeFileSync(holds, JSON.stringify([{ wall: 1, cpu: 1 }]));
    return inProcess(argv);
  };
  try {
    await measureHolds({ rows: 200, rounds: 1, only: "", folder, tocsin }, (one) => all.push(one));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const failed = all.filter(({ cost }) => cost.code !== 0);
  expect(failed.map(({ name, cost }) => `${name}: ${cost.complaint}`)).toEqual([]);
  expect(all.length).toBeGreaterThan(60);
}, 60_000);
