import { parentPort } from "node:worker_threads";
import { PartsWorker } from "@tocsin/data/codec";
import { fileParts } from "./file-parts.ts";

// The thread that helps to read large files.
const worker = new PartsWorker(fileParts);
parentPort?.on("message", (question: unknown) => {
  const made = worker.answer(question);
  if (made !== undefined) parentPort?.postMessage(made.answer, made.moved);
});
