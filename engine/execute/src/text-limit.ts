import type { Texts } from "./text-order.ts";

const wordBytes = 4;
/** How many words of a text decide; texts that begin with the same ones need a closer look. */
const words = 4;

/** A text behind which others are passed over: its first bytes, four in each number, then zeros. */
export type TextLimit = Uint32Array;

/** Compares texts with a limit, which is one of such texts itself. */
export class TextSkip {
  readonly #view: DataView;
  readonly #offsets: Uint32Array;

  constructor({ bytes, offsets }: Texts) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offsets = offsets;
  }
  limit(row: number): TextLimit {
    const from = this.#offsets[row];
    const end = this.#offsets[row + 1];
    return Uint32Array.from({ length: words }, (_, i) =>
      wordAt(this.#view, from + wordBytes * i, end),
    );
  }
  /** Less than zero: the text of the row comes before the limit; zero: their first bytes are the same. */
  compare(row: number, limit: TextLimit): number {
    const view = this.#view;
    const end = this.#offsets[row + 1];
    let at = this.#offsets[row];
    for (let i = 0; i < words; i++, at += wordBytes) {
      const word = wordAt(view, at, end);
      if (word !== limit[i]) return word - limit[i];
    }
    return 0;
  }
}

/** Four bytes as a number, the first one most significant; bytes behind `end` count as 0. */
function wordAt(view: DataView, at: number, end: number): number {
  if (at + wordBytes <= end) return view.getUint32(at);
  let word = 0;
  for (let i = at; i < at + wordBytes; i++) word = word * 256 + (i < end ? view.getUint8(i) : 0);
  return word;
}
