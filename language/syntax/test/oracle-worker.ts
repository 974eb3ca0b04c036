import { parentPort } from "node:worker_threads";
import { loadOracle } from "./oracle.ts";

// Answers each text with what the oracle says, or with undefined when it panics.
let oracle = await loadOracle();

parentPort?.on("message", (text: string) => {
  answer(text).then(
    (mistakes) => parentPort?.postMessage({ mistakes }),
    () => parentPort?.postMessage({ mistakes: undefined }),
  );
});

async function answer(text: string): Promise<string[] | undefined> {
  try {
    return oracle.mistakes(text);
  } catch {
    oracle = await loadOracle();
    return undefined;
  }
}
