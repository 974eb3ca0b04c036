import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Helper } from "@tocsin/platform/host";

/** Starts the thread of `csv-thread.ts`. It keeps no process alive. */
export function startHelper(): Helper {
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const worker = new Worker(threadFile(), { stdin: false });
  worker.unref();
  const answers: unknown[] = [];
  let waiting: ((answer: unknown) => void) | undefined;
  let gone = false;
  const tell = (answer: unknown): void => {
    if (waiting === undefined) answers.push(answer);
    else waiting(answer);
    waiting = undefined;
  };
  const end = (): void => {
    if (!gone) tell(undefined);
    gone = true;
  };
  worker.on("message", tell);
  // Whoever asked does the work then.
  worker.on("error", end);
  worker.on("exit", end);
  return {
    ask: (question) => worker.postMessage(question),
    answer: async () => {
      if (answers.length > 0) return answers.shift();
      if (gone) return undefined;
      worker.ref();
      const answer = await new Promise<unknown>((resolve) => (waiting = resolve));
      worker.unref();
      return answer;
    },
    end: () => void worker.terminate(),
  };
}

/** Beside the sources, or beside the bundle that this is a chunk of. */
function threadFile(): string {
  const folder = import.meta.dirname;
  if (import.meta.filename.endsWith(".ts")) return join(folder, "csv-thread.ts");
  const beside = join(folder, "csv-thread.cjs");
  return existsSync(beside) ? beside : join(folder, "..", "csv-thread.cjs");
}
