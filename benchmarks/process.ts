import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

/** What a whole process cost. */
export interface Cost {
  readonly milliseconds: number;
  /** User and system time of all its threads. Undefined where the system does not say. */
  readonly cpuMilliseconds: number | undefined;
  /** Peak resident memory. */
  readonly megabytes: number;
  readonly output: string;
  /** What it wrote to standard error. */
  readonly complaint: string;
  readonly code: number | null;
}

/** Runs a command to its end. Run one at a time, because the CPU time is that of all children. */
export function runProcess(
  command: string,
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Cost> {
  return new Promise((resolve, reject) => {
    const cpuBefore = childrenCpu();
    const began = performance.now();
    const child = spawn(command, argv, { env, stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    const complaints: Buffer[] = [];
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
    child.stderr.on("data", (chunk: Buffer) => void complaints.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(timer);
      const cpu = childrenCpu();
      resolve({
        milliseconds: performance.now() - began,
        cpuMilliseconds: cpu === undefined || cpuBefore === undefined ? undefined : cpu - cpuBefore,
        megabytes: peak / 1024,
        output: Buffer.concat(chunks).toString("utf8"),
        complaint: Buffer.concat(complaints).toString("utf8"),
        code,
      });
    });
  });
}

/** Milliseconds of CPU that ended children of this process took, in steps of a clock tick (10 ms). */
function childrenCpu(): number | undefined {
  try {
    const stat = readFileSync("/proc/self/stat", "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[13]) + Number(fields[14])) * 10;
  } catch {
    return undefined;
  }
}

/** The median. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
