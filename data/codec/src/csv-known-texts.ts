import {
  fewestSlotBits,
  hashBits,
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
  slotsBeside,
  slotShiftAt,
} from "./csv-kernel-plan.ts";

/** The first word of an entry: the length of the text, whether its bytes need rework, and their hash. */
const knownMark = (length: number, reworked: boolean, hash: number): number =>
  length | (reworked ? 256 : 0) | (hash << 16);
/** More slots are made once there are fewer than this many for each text. */
const slotsEach = 4;

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
  /** The number of slots is two to the power of it. */
  #slotBits = fewestSlotBits;
  #count = 0;
  #longUsed = 0;

  constructor(memory: KernelBytes, at: number) {
    this.#memory = memory;
    this.at = at;
    this.#setSlots(fewestSlotBits);
  }
  /** Takes the code of the text that is the odd cell at the word `odd`; the kernels will find it. */
  learn(odd: number, code: number): void {
    const { bytes, words } = this.#memory;
    const from = words[odd + 1];
    const reworked = words[odd + 2] < 0;
    const to = reworked ? -words[odd + 2] - 1 : words[odd + 2];
    const hash = words[odd + 3];
    if (to - from > knownLength) return this.#learnLong(odd, code, { from, to, reworked });
    // It was odd several times in a call.
    if (this.#isKnown(hash, code)) return;
    // No room: those that still occur are soon learnt again.
    if (this.#count + 1 === knownTexts) this.#forgetShort();
    const number = ++this.#count;
    const entry = this.#entry(number);
    words[entry / 4] = knownMark(to - from, reworked, hash);
    words[entry / 4 + 1] = code;
    bytes.copyWithin(entry + 8, from, to);
    bytes.fill(0, entry + 8 + to - from, entry + knownBytes);
    if (this.#slotBits < hashBits && number * slotsEach > 2 ** this.#slotBits) this.#spread();
    else this.#putInto(hash, number);
  }
  /** Forgets all texts, as the next ones are those of another dictionary. */
  forget(): void {
    this.#forgetShort();
    this.#forgetLong();
  }
  /** The address of a text by its number. */
  #entry(number: number): number {
    return this.at + knownAt + number * knownBytes;
  }
  /** The address of the first slot of a hash, or of one beside it. */
  #slot(hash: number, beside: number): number {
    return this.at + ((hash >> (hashBits - this.#slotBits)) ^ beside) * slotBytes;
  }
  #isKnown(hash: number, code: number): boolean {
    const { bytes, words } = this.#memory;
    for (let beside = 0; beside < slotsBeside; beside++) {
      const at = this.#slot(hash, beside);
      const number = bytes[at] | (bytes[at + 1] << 8);
      if (number > 0 && words[this.#entry(number) / 4 + 1] === code) return true;
    }
    return false;
  }
  /** Puts an entry into its slot, or one beside it where others have the same. */
  #putInto(hash: number, number: number): void {
    const { bytes } = this.#memory;
    let beside = 0;
    const at = (): number => this.#slot(hash, beside);
    while (beside < slotsBeside && (bytes[at()] | bytes[at() + 1]) > 0) beside++;
    if (beside === slotsBeside) beside = number % slotsBeside;
    bytes[at()] = number & 255;
    bytes[at() + 1] = number >> 8;
  }
  /** Makes four times as many slots, or all that there can be. */
  #spread(): void {
    this.#clearSlots();
    this.#setSlots(Math.min(hashBits, this.#slotBits + 2));
    const { words } = this.#memory;
    for (let number = 1; number <= this.#count; number++)
      this.#putInto(words[this.#entry(number) / 4] >>> 16, number);
  }
  #setSlots(bits: number): void {
    this.#slotBits = bits;
    this.#memory.words[(this.at + slotShiftAt) / 4] = hashBits - bits;
  }
  #clearSlots(): void {
    this.#memory.bytes.fill(0, this.at, this.at + 2 ** this.#slotBits * slotBytes);
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
    this.#clearSlots();
    this.#setSlots(fewestSlotBits);
    this.#count = 0;
  }
  #forgetLong(): void {
    const from = this.at + longAt;
    if (this.#longUsed > 0) this.#memory.bytes.fill(0, from, from + longEntries * longBytes);
    this.#longUsed = 0;
  }
}
