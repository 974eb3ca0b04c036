import { utf8 } from "@tocsin/platform/host";

/** Longer texts are copied by the platform. */
const viewBytes = 64;

/**
 * Distinct strings, numbered from 0 in the order in which they came. It only grows, so a code stays
 * valid for ever. Text is made from bytes when first asked for, and kept.
 */
export class Dictionary {
  #bytes = new Uint8Array(256);
  #offsets = new Uint32Array(17);
  #texts: (string | undefined)[] = [];
  #size = 0;
  #hashes = new Int32Array(16);
  #slots = new Int32Array(64).fill(-1);
  #longest = 0;

  /** Bytes of the longest text so far. */
  get longest(): number {
    return this.#longest;
  }
  get size(): number {
    return this.#size;
  }
  /** Bytes of all texts. */
  get length(): number {
    return this.#offsets[this.#size];
  }
  /** The code of `bytes[from .. to]`, added when it is new. */
  codeOfBytes(bytes: Uint8Array, from: number, to: number): number {
    const hash = hashOf(bytes, from, to);
    const slot = this.#slotOf(bytes, from, to, hash);
    const code = this.#slots[slot];
    if (code !== -1) return code;
    this.#put(bytes, from, to);
    return this.#add(hash, slot);
  }
  /** The code of `text`, added when it is new. */
  code(text: string): number {
    const bytes = utf8.encode(text);
    const code = this.codeOfBytes(bytes, 0, bytes.length);
    this.#texts[code] ??= text;
    return code;
  }
  /** The code of `text`, or -1 when no row can hold it. */
  find(text: string): number {
    const bytes = utf8.encode(text);
    return this.#slots[this.#slotOf(bytes, 0, bytes.length, hashOf(bytes, 0, bytes.length))];
  }
  text(code: number): string {
    return (this.#texts[code] ??= utf8.decode(this.bytes(code)));
  }
  /** All texts by code, end to end; do not keep it across additions. */
  get plain(): { readonly bytes: Uint8Array; readonly offsets: Uint32Array } {
    return { bytes: this.#bytes, offsets: this.#offsets };
  }
  /** A view of the UTF-8 bytes of `code`; do not keep it across additions. */
  bytes(code: number): Uint8Array {
    return this.#bytes.subarray(this.#offsets[code], this.#offsets[code + 1]);
  }
  /** Copies the bytes of `code` to `target` from `at` on; gives the end. */
  copy(code: number, target: Uint8Array, at: number): number {
    const end = this.#offsets[code + 1];
    let out = at;
    for (let i = this.#offsets[code]; i < end; i++) target[out++] = this.#bytes[i];
    return out;
  }

  /** Where the code of these bytes is, or would be put. */
  #slotOf(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const mask = this.#slots.length - 1;
    const signed = hash | 0;
    let slot = folded(hash) & mask;
    for (let code = this.#slots[slot]; code !== -1; code = this.#slots[slot]) {
      if (this.#hashes[code] === signed && this.#equals(code, bytes, from, to)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }
  #equals(code: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#offsets[code];
    if (this.#offsets[code + 1] - start !== to - from) return false;
    for (let i = from, j = start; i < to; i++, j++) if (bytes[i] !== this.#bytes[j]) return false;
    return true;
  }
  /** Writes a text behind the others, as the next one to be added. */
  #put(bytes: Uint8Array, from: number, to: number): void {
    const start = this.#offsets[this.#size];
    const end = start + to - from;
    if (end > this.#bytes.length) this.#bytes = grown(this.#bytes, end);
    if (this.#size + 2 > this.#offsets.length) {
      const offsets = new Uint32Array(this.#offsets.length * 2);
      offsets.set(this.#offsets);
      this.#offsets = offsets;
      const hashes = new Int32Array(offsets.length);
      hashes.set(this.#hashes);
      this.#hashes = hashes;
    }
    // A view for each short text would be most of the objects that are made.
    if (to - from > viewBytes) this.#bytes.set(bytes.subarray(from, to), start);
    else for (let i = from, at = start; i < to; i++, at++) this.#bytes[at] = bytes[i];
    this.#offsets[this.#size + 1] = end;
    this.#longest = Math.max(this.#longest, end - start);
  }
  #add(hash: number, slot: number): number {
    const code = this.#size++;
    this.#hashes[code] = hash;
    this.#slots[slot] = code;
    if (this.#size * 2 > this.#slots.length) this.#rehash(this.#slots.length * 2);
    return code;
  }
  #rehash(length: number): void {
    this.#slots = new Int32Array(length).fill(-1);
    const mask = length - 1;
    for (let code = 0; code < this.#size; code++) {
      let slot = folded(this.#hashes[code]) & mask;
      while (this.#slots[slot] !== -1) slot = (slot + 1) & mask;
      this.#slots[slot] = code;
    }
  }
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return hash;
}

/** The low bits with the high ones mixed in. */
const folded = (hash: number): number => hash ^ (hash >>> 15);

function grown(bytes: Uint8Array<ArrayBuffer>, atLeast: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(atLeast, bytes.length * 2));
  larger.set(bytes);
  return larger;
}
