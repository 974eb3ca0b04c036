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

/** What a known text begins with: its length, and whether its bytes need rework. */
const knownMark = (length: number, reworked: boolean): number => length + (reworked ? 256 : 0);
/** More slots than these are not cleared one by one. */
const fewSlots = 4096;

/** Where known texts lie. */
interface KernelBytes {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
}

/** The texts of one dictionary whose codes the kernels find by themselves, in a part of their memory. */
export class KnownTexts {
  /** Address of the first byte; all of them are zero at first. */
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
  /** The code of a text that was the odd cell at the word `odd`: it will not be so again. */
  learn(odd: number, code: number): void {
    const { bytes, words } = this.#memory;
    const from = words[odd + 1];
    const reworked = words[odd + 2] < 0;
    const to = reworked ? -words[odd + 2] - 1 : words[odd + 2];
    const slot = words[odd + 3];
    if (to - from > knownLength) return this.#learnLong(odd, code, { from, to, reworked });
    // It was odd several times in a call.
    if (this.#isKnown(slot, code)) return;
    // No room: those that still occur are soon learnt again.
    if (this.#count + 1 === knownTexts) this.#forgetShort();
    const number = ++this.#count;
    const entry = this.at + knownAt + number * knownBytes;
    words[entry / 4] = knownMark(to - from, reworked);
    words[entry / 4 + 1] = code;
    bytes.copyWithin(entry + 8, from, to);
    bytes.fill(0, entry + 8 + to - from, entry + knownBytes);
    this.#putInto(slot, number);
  }
  /** Nothing is known any more: the codes to come are those of another dictionary. */
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
  /** Some texts may have the same slot: they are put into those beside it. */
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
    // No room: those that still occur are soon learnt again.
    if (this.#longUsed + length > longTextsBytes) this.#forgetLong();
    const at = this.at + longTextsAt + this.#longUsed;
    const entry = (words[odd + 3] - 1) / 4;
    words[entry] = 2 * length + (reworked ? 1 : 0);
    words[entry + 1] = code;
    words[entry + 2] = at;
    bytes.copyWithin(at, from, to);
    this.#longUsed += length;
  }
  /** Slots that hold nothing are left alone: nobody may have touched their memory yet. */
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
