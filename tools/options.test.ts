import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./tree.ts";

const said = (...argv: string[]): { status: number | null; stderr: string; stdout: string } =>
  spawnSync(process.execPath, [join(root, "simulation/simulate.ts"), ...argv], {
    encoding: "utf8",
  });

test("a tool does not run with what it was not asked for", () => {
  const unknown = said("--seed", "7");
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toBe(
    "Unknown option '--seed'\nThere are: --seeds N, --from N, --two-senders, --scripts, --sqlite\n",
  );
  expect(said("--seeds", "many").stderr).toContain("--seeds many: not a number");
});

test("a tool does as it is told", () => {
  expect(said("--seeds", "2", "--from", "5").stdout).toMatch(/^2 seeds, /mu);
});
