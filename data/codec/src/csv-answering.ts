import type { FileParts } from "@tocsin/platform/host";
import {
  type PackedPart,
  type PartAnswer,
  PartMaker,
  PartPacker,
  type PartsTask,
} from "./csv-part.ts";
import type { CsvTexts } from "./csv-texts.ts";

/**
 * The other side of `decodeCsvInParts`: told a task, then numbers of parts, it gives the answers, and
 * the buffers that may move with them.
 */
export class PartsWorker {
  readonly #open: (path: string) => FileParts | undefined;
  #maker: PartMaker | undefined;
  #packer: PartPacker | undefined;

  constructor(open: (path: string) => FileParts | undefined) {
    this.#open = open;
  }
  /** The answer to a question; undefined when there is none. */
  answer(question: unknown): { answer: PartAnswer; moved: ArrayBuffer[] } | undefined {
    if (typeof question !== "number") {
      const task = question as PartsTask;
      const file = this.#open(task.path);
      const texts = new Map<string, CsvTexts>();
      this.#maker = file === undefined ? undefined : new PartMaker(file, task, texts);
      this.#packer = new PartPacker(texts);
      return undefined;
    }
    const made = this.#maker?.make(question);
    if (made === undefined || this.#packer === undefined)
      return { answer: { part: question, made: undefined }, moved: [] };
    const rows = this.#packer.pack(made.rows);
    return { answer: { part: question, made: { ...made, rows } }, moved: buffersOf(rows) };
  }
}

/** The memory of a part's columns, each piece once. */
function buffersOf({ batches }: PackedPart): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { columns } of batches)
    for (const column of columns)
      for (const value of Object.values(column.form === "table" ? column.values : column))
        if (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer)
          buffers.add(value.buffer);
  return [...buffers];
}
