import {
  knownAt,
  knownBytes,
  knownLength,
  knownTexts,
  longAt,
  longBytes,
  longEntries,
  longTextsAt,
  longTextsBytes,
  slotBytes,
  slotCount,
  slotsBeside,
} from "./csv-kernel-plan.ts";

/** The first word of an entry: the length of the text, and whether its bytes need rework. */
const knownMark = (length: number, reworked: boolean): number => length + (reworked ? 256 : 0);
/** Up to so many slots are cleared one by one. */
const fewSlots = 4096;

/** The kernels' memory, in which known texts lie. */
interface KernelBytes {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
}

/** The texts of one dictionary whose codes the kernels find by themselves, in their memory. */
export class KnownTexts {
  /** The address of the first byte. All bytes are zero at first. */
  readonly at: number;
  readonly #memory: KernelBytes;
  /** Addresses of the slots that hold a number. */
  #used: number[] = [];
  #count = 0;
  #longUsed = 0;

  constructor(memory: KernelBytes, at: number) {
    this.#memory = memory;
    this.at = at;
  }
  /** Takes the code of the text that is the odd cell at the word `odd`; the kernels will find it. */
  learn(odd: number, code: number): void {
    const { bytes, words } = this.#memory;
    const from = words[odd + 1];
    const reworked = words[odd + 2] < 0;
    const to = reworked ? -words[odd + 2] - 1 : words[odd + 2];
    const slot = words[odd + 3];
    if (to - from > knownLength) return this.#learnLong(odd, code, { from, to, reworked });
    // A text may be odd several times in a call.
    if (this.#isKnown(slot, code)) return;
    // There is no room: texts that still occur are soon learnt again.
    if (this.#count + 1 === knownTexts) this.#forgetShort();
    const number = ++this.#count;
    const entry = this.at + knownAt + number * knownBytes;
    words[entry / 4] = knownMark(to - from, reworked);
    words[entry / 4 + 1] = code;
    bytes.copyWithin(entry + 8, from, to);
    bytes.fill(0, entry + 8 + to - from, entry + knownBytes);
    this.#putInto(slot, number);
  }
  /** Forgets all texts, as the next ones are those of another dictionary. */
  forget(): void {
    this.#forgetShort();
    this.#forgetLong();
  }
  #isKnown(slot: number, code: number): boolean {
    const { bytes, words } = this.#memory;
    for (let beside = 0; beside < slotsBeside; beside++) {
      const at = this.at + (slot ^ beside) * slotBytes;
      const number = bytes[at] | (bytes[at + 1] << 8);
      if (number > 0 && words[(this.at + knownAt + number * knownBytes) / 4 + 1] === code)
        return true;
    }
    return false;
  }
  /** Puts an entry into its slot, or one beside it where others have the same. */
  #putInto(slot: number, number: number): void {
    const { bytes } = this.#memory;
    let beside = 0;
    const at = (): number => this.at + (slot ^ beside) * slotBytes;
    while (beside < slotsBeside && (bytes[at()] | bytes[at() + 1]) > 0) beside++;
    if (beside === slotsBeside) beside = number % slotsBeside;
    bytes[at()] = number & 255;
    bytes[at() + 1] = number >> 8;
    if (this.#used.length <= fewSlots) this.#used.push(at());
  }
  #learnLong(
    odd: number,
    code: number,
    { from, to, reworked }: { from: number; to: number; reworked: boolean },
  ): void {
    const { bytes, words } = this.#memory;
    const length = to - from;
    if (length > longTextsBytes / 16) return;
    // There is no room: texts that still occur are soon learnt again.
    if (this.#longUsed + length > longTextsBytes) this.#forgetLong();
    const at = this.at + longTextsAt + this.#longUsed;
    const entry = (words[odd + 3] - 1) / 4;
    words[entry] = 2 * length + (reworked ? 1 : 0);
    words[entry + 1] = code;
    words[entry + 2] = at;
    bytes.copyWithin(at, from, to);
    this.#longUsed += length;
  }
  /** Leaves empty slots alone, as their memory may never have been touched. */
  #forgetShort(): void {
    const { bytes } = this.#memory;
    if (this.#used.length > fewSlots) bytes.fill(0, this.at, this.at + slotCount * slotBytes);
    else for (const at of this.#used) bytes.fill(0, at, at + slotBytes);
    this.#used = [];
    this.#count = 0;
  }
  #forgetLong(): void {
    const from = this.at + longAt;
    if (this.#longUsed > 0) this.#memory.bytes.fill(0, from, from + longEntries * longBytes);
    this.#longUsed = 0;
  }
}
