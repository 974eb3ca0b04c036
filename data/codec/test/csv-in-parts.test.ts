import type { Batch } from "@tocsin/data/column";
import type { Raw } from "@tocsin/data/value";
import { type FileParts, type Helper, type Random, seeded, utf8 } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { type CsvOptions, decodeCsvInParts, decodeCsvText, PartsWorker } from "../src/index.ts";
import { cellsOf, labels, pick, table } from "./written-csv.ts";

// A file that is read in parts, by two threads of which either may be the faster one, and the other one
// may die, gives what it gives when it is read in one go.

function fileOf(bytes: Uint8Array): FileParts {
  return {
    size: bytes.length,
    read(at, into) {
      const part = bytes.subarray(at, at + into.length);
      into.set(part);
      return part.length;
    },
    close: () => undefined,
  };
}

/** A thread in this one: answers come when the loop turns, sometimes; it may die. */
function helperOf(
  bytes: Uint8Array,
  random: Random,
): { helper: Helper; turn: () => Promise<void> } {
  const worker = new PartsWorker(() => fileOf(bytes));
  const questions: unknown[] = [];
  const answers: unknown[] = [];
  let waiting: ((answer: unknown) => void) | undefined;
  const laziness = random.next();
  const mortality = random.next() < 0.3 ? 0.05 : 0;
  const tell = (answer: unknown): void => {
    if (waiting === undefined) answers.push(answer);
    else waiting(answer);
    waiting = undefined;
  };
  const work = (): void => {
    const question = questions.shift();
    const made = question === undefined ? undefined : worker.answer(structuredClone(question));
    if (made !== undefined) tell(structuredClone(made.answer, { transfer: made.moved }));
    if (random.next() < mortality) tell(undefined);
  };
  return {
    helper: {
      ask(question) {
        questions.push(question);
        // Whoever waits for the other one hears of it in the end.
        setImmediate(work);
      },
      answer: async () => {
        if (answers.length > 0) return answers.shift();
        return new Promise((resolve) => (waiting = resolve));
      },
      end: () => undefined,
    },
    turn: async () => {
      if (random.next() > laziness) work();
      await Promise.resolve();
    },
  };
}

type Outcome = { cells: Raw[][]; tables: number; error: string };

async function inParts(csv: string, random: Random, options: CsvOptions): Promise<Outcome> {
  const bytes = utf8.encode(csv);
  const { helper, turn } = helperOf(bytes, random);
  const partBytes = 200 + Math.floor(random.next() * 3000);
  const batches: Batch[] = [];
  let error = "";
  try {
    const world = { path: "x", file: fileOf(bytes), helper, turn, partBytes };
    for await (const { batch } of decodeCsvInParts(world, options)) batches.push(batch);
  } catch (thrown) {
    error = String(thrown);
  }
  return { ...cellsOf(batches), error };
}

function inOneGo(csv: string, options: CsvOptions): Outcome {
  const batches: Batch[] = [];
  let error = "";
  try {
    for (const { batch } of decodeCsvText(utf8.encode(csv), options)) batches.push(batch);
  } catch (thrown) {
    error = String(thrown);
  }
  return { ...cellsOf(batches), error };
}

const seed = 20260905;

test(`in parts or in one go (seed ${seed})`, async () => {
  const random = seeded(seed);
  for (let round = 0; round < 80; round++) {
    const odd = pick(random, [0, 0, 0.001, 0.02, 0.3]);
    const style = { odd, perTable: pick(random, [3, 40, 5000]), lastIsKey: random.next() < 0.5 };
    const blocks = random.next() < 0.2 ? 2 : 1;
    let csv = "";
    for (let i = 0; i < blocks; i++)
      csv += `${csv === "" ? "" : "\r\n"}${table(random, style, Math.ceil(random.next() * 1500)).csv}`;
    const spoilt = random.next();
    if (spoilt < 0.15) csv = csv.replace(/(,[0-9.]+,)(?=[^\n]*\n[^\n]*$)/u, "$1$1");
    else if (spoilt < 0.3) csv = csv.slice(0, -3);
    else if (spoilt < 0.4) csv = csv.replace(/T00:00:00Z(?=[^T]*$)/u, "T00:00:0xZ");
    const wanted = new Set(labels.filter(() => random.next() < 0.5));
    const options = random.next() < 0.5 ? {} : { columns: wanted };
    const whole = inOneGo(csv, options);
    const parts = await inParts(csv, random, options);
    expect(parts.error).toBe(whole.error);
    // Of what is wrong in the end, the rows before may have come in larger or smaller batches.
    if (whole.error === "") expect(parts).toEqual(whole);
  }
});
