import type { Batch } from "@tocsin/data/column";
import type { FileParts, Helper } from "@tocsin/platform/host";
import { CsvDecoder, type CsvOptions, type CsvPiece, type CsvStand } from "./csv-decoder.ts";
import {
  type MadePart,
  type PartAnswer,
  beginning,
  PartMaker,
  type PartsTask,
  PartUnpacker,
} from "./csv-part.ts";
import type { RowPlace } from "./csv-tables.ts";
import type { CsvTexts } from "./csv-texts.ts";

/**
 * Smaller files are not worth a thread: to start one and to make its code fast costs about as much time of a
 * processor as to decode 50 MB.
 */
export const partsWorthBytes = 128 * 1024 * 1024;
/** Large enough that what a part costs does not count, small enough for the loop and the caches. */
const partBytesUsual = 1024 * 1024;
/** So many parts may be asked for at once, and be ready before their turn comes. */
const askedMax = 3;
const aheadMax = 8;

/** What reading in parts stands on. */
export interface PartsWorld {
  readonly path: string;
  readonly file: FileParts;
  readonly helper: Helper;
  /** Lets answers in. */
  readonly turn: () => Promise<void>;
  /** Bytes of a part, about; default 1 MiB. */
  readonly partBytes?: number;
}

/**
 * Annotated CSV of a large file, decoded part by part on two threads. What comes out does not depend on
 * who decoded what: parts are cut at fixed places. From the first part on that cannot be read without
 * knowing what is before it, all is read in order.
 */
export async function* decodeCsvInParts(
  world: PartsWorld,
  options: CsvOptions,
): AsyncGenerator<CsvPiece> {
  const { file, helper, partBytes = partBytesUsual } = world;
  try {
    const parts = Math.ceil(file.size / partBytes);
    const decoder = new CsvDecoder(options);
    const begin = beginning(file, partBytes);
    yield* decoder.push(begin);
    const stood = decoder.stand();
    const from = begin.length;
    if (stood === undefined) return yield* inOrder(world, decoder, from);
    yield* withParts(world, options, { stood, parts, partBytes, from });
  } finally {
    helper.end();
    file.close();
  }
}

/** The rest of a file, from byte `from` on. */
async function* inOrder(
  { file, turn }: PartsWorld,
  decoder: CsvDecoder,
  from: number,
): AsyncGenerator<CsvPiece> {
  const buffer = new Uint8Array(partBytesUsual / 4);
  for (let at = from; ;) {
    const size = file.read(at, buffer);
    if (size === 0) break;
    yield* decoder.push(buffer.subarray(0, size));
    at += size;
    await turn();
  }
  yield* decoder.finish();
}

interface Start {
  readonly stood: NonNullable<ReturnType<CsvDecoder["stand"]>>;
  readonly parts: number;
  readonly partBytes: number;
  readonly from: number;
}

async function* withParts(
  world: PartsWorld,
  options: CsvOptions,
  { stood, parts, partBytes, from }: Start,
): AsyncGenerator<CsvPiece> {
  const { head, texts } = stood.at;
  const plan = { head, emptyText: options.emptyText === "text", columns: options.columns };
  const crew = new Crew(world, { path: world.path, parts, partBytes, plan }, texts);
  const { result } = head;
  let { place, lines } = stood.at;
  let end = from;
  // Whether a batch's last table goes on is known when the next part is there.
  let held: Batch | undefined;
  for (const { batch } of stood.pieces) {
    if (held !== undefined) yield { result, batch: held };
    held = batch;
  }
  for (let part = 1; part < parts; part++) {
    const made = await crew.take(part);
    if (made === undefined) {
      if (held !== undefined) yield { result, batch: held };
      const stand: CsvStand = { head, place, lines, texts };
      return yield* inOrder(world, new CsvDecoder(options, stand), end);
    }
    if (held !== undefined) held = { ...held, open: goesOn(place, made.rows.first) };
    for (const batch of made.rows.batches) {
      if (held !== undefined) yield { result, batch: held };
      held = batch;
    }
    place = made.rows.last;
    lines += made.rows.lines;
    end = made.end;
  }
  if (held !== undefined) yield { result, batch: { ...held, open: false } };
}

const goesOn = (before: RowPlace, after: RowPlace): boolean =>
  before.every(
    (bytes, i) => bytes.length === after[i].length && bytes.every((b, j) => b === after[i][j]),
  );

/** This thread and the other one: whoever is free takes the next part. */
class Crew {
  readonly #world: PartsWorld;
  readonly #task: PartsTask;
  readonly #maker: PartMaker;
  readonly #unpacker: PartUnpacker;
  readonly #ready = new Map<number, MadePart | undefined>();
  readonly #asked = new Set<number>();
  #next = 1;
  #alive = true;
  #heard: () => void = () => undefined;

  constructor(world: PartsWorld, task: PartsTask, texts: Map<string, CsvTexts>) {
    this.#world = world;
    this.#task = task;
    this.#maker = new PartMaker(world.file, task, texts);
    this.#unpacker = new PartUnpacker(texts);
    world.helper.ask(task);
    void this.#listen();
  }
  /** The rows of a part; undefined when they cannot be had without those before. */
  async take(part: number): Promise<MadePart | undefined> {
    for (;;) {
      this.#feed(part);
      if (this.#ready.has(part)) break;
      const own = this.#asked.has(part) ? this.#free(part) : part;
      if (own === undefined) await new Promise<void>((resolve) => (this.#heard = resolve));
      else this.#make(own);
      await this.#world.turn();
    }
    const made = this.#ready.get(part);
    this.#ready.delete(part);
    return made;
  }

  #feed(due: number): void {
    while (this.#alive && this.#asked.size < askedMax) {
      const part = this.#free(due);
      if (part === undefined) return;
      this.#asked.add(part);
      this.#world.helper.ask(part);
    }
  }
  /** The next part that nobody has, unless it is too far ahead. */
  #free(due: number): number | undefined {
    const limit = Math.min(this.#task.parts, due + aheadMax);
    return this.#next < limit ? this.#next++ : undefined;
  }
  #make(part: number): void {
    this.#next = Math.max(this.#next, part + 1);
    this.#ready.set(part, this.#maker.make(part));
  }
  async #listen(): Promise<void> {
    for (;;) {
      const answer = (await this.#world.helper.answer()) as PartAnswer | undefined;
      if (answer === undefined) {
        // What it had is made here.
        this.#alive = false;
        this.#asked.clear();
      } else {
        this.#asked.delete(answer.part);
        const { part, made } = answer;
        this.#ready.set(part, made && { rows: this.#unpacker.unpack(made.rows), end: made.end });
      }
      this.#heard();
      if (answer === undefined) return;
    }
  }
}
