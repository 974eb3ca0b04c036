import type { Batch } from "@tocsin/data/column";
import { CsvEncoder } from "./csv-encoder.ts";
import { JsonEncoder } from "./json-encoder.ts";
import { TableTextEncoder } from "./table-text.ts";

/** How results are written for people and programs. */
export type ResultFormat = "table" | "csv" | "json" | "ndjson";

/** Writes results one after the other: each result's batches, then its end. */
interface SequentialEncoder {
  batch(result: string, batch: Batch): Uint8Array;
  endResult(result: string): Uint8Array;
  /** After the last result. */
  end(): Uint8Array;
  /** Takes back the memory of bytes that it gave, when they are done with. */
  reuse?(bytes: Uint8Array): void;
}

/** Writes results whose batches may come mixed. Bytes come out as soon as their turn has come. */
export interface ResultEncoder {
  encode(result: string, batch: Batch): Uint8Array;
  endResult(result: string): Uint8Array;
  /** After the last result of a script, so that another's may follow: ends those that failed. */
  endScript(): Uint8Array;
  end(): Uint8Array;
  /** Takes back the memory of bytes that it gave, when they are done with. */
  reuse(bytes: Uint8Array): void;
}

/** An encoder of results in `format`. */
export function resultEncoder(format: ResultFormat): ResultEncoder {
  return new Untangler(sequential(format));
}

function sequential(format: ResultFormat): SequentialEncoder {
  switch (format) {
    case "csv":
      return new CsvEncoder();
    case "table":
      return new TableTextEncoder();
    case "json":
      return new JsonEncoder("array");
    case "ndjson":
      return new JsonEncoder("lines");
  }
}

interface Waiting {
  readonly batches: Batch[];
  ended: boolean;
}

/**
 * Two results that read one stream get its batches in turns, but no format has a place for that: the
 * first result is written as it comes, the others wait until it has ended.
 */
class Untangler implements ResultEncoder {
  readonly #encoder: SequentialEncoder;
  #present: string | undefined;
  readonly #waiting = new Map<string, Waiting>();

  constructor(encoder: SequentialEncoder) {
    this.#encoder = encoder;
  }
  reuse(bytes: Uint8Array): void {
    this.#encoder.reuse?.(bytes);
  }
  encode(result: string, batch: Batch): Uint8Array {
    this.#present ??= result;
    if (result === this.#present) return this.#encoder.batch(result, batch);
    this.#queue(result).batches.push(batch);
    return nothing;
  }
  endResult(result: string): Uint8Array {
    if (this.#present !== undefined && result !== this.#present) {
      this.#queue(result).ended = true;
      return nothing;
    }
    const written = [this.#encoder.endResult(result)];
    this.#present = undefined;
    for (const [next, { batches, ended }] of this.#waiting) {
      this.#waiting.delete(next);
      for (const batch of batches) written.push(this.#encoder.batch(next, batch));
      if (!ended) {
        this.#present = next;
        break;
      }
      written.push(this.#encoder.endResult(next));
    }
    return joined(written);
  }
  endScript(): Uint8Array {
    // A result that failed has no end of its own.
    const written: Uint8Array[] = [];
    while (this.#present !== undefined) written.push(this.endResult(this.#present));
    return joined(written);
  }
  end(): Uint8Array {
    return joined([this.endScript(), this.#encoder.end()]);
  }

  #queue(result: string): Waiting {
    let waiting = this.#waiting.get(result);
    if (waiting === undefined) this.#waiting.set(result, (waiting = { batches: [], ended: false }));
    return waiting;
  }
}

const nothing = new Uint8Array(0);

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
