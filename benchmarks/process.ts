import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

/** What a whole process cost. */
export interface Cost {
  readonly milliseconds: number;
  /** Peak resident memory. */
  readonly megabytes: number;
  readonly output: string;
  readonly code: number | null;
}

/** Runs a command to its end. */
export function runProcess(
  command: string,
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Cost> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command, argv, { env, stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    let peak = 0;
    const look = (): void => {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
        peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/u.exec(status)?.[1] ?? 0));
      } catch {
        // It has ended.
      }
    };
    const timer = setInterval(look, 10);
    child.stdout.on("data", (chunk: Buffer) => void chunks.push(chunk));
    child.stderr.resume();
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(timer);
      const milliseconds = performance.now() - began;
      resolve({
        milliseconds,
        megabytes: peak / 1024,
        output: Buffer.concat(chunks).toString("utf8"),
        code,
      });
    });
  });
}

/** The middle of measured values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
