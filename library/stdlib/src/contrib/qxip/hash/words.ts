/** A number modulo 2^64. */
export const word = (value: bigint): bigint => BigInt.asUintN(64, value);

/** The bits of a word turned to the left. */
export const rotateLeft = (value: bigint, by: bigint): bigint =>
  word(value << by) | (value >> (64n - by));

const view = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Four bytes as a number, the least one first. */
export const littleEndian32 = (bytes: Uint8Array, at: number): bigint =>
  BigInt(view(bytes).getUint32(at, true));

/** Eight bytes as a number, the least one first. */
export const littleEndian64 = (bytes: Uint8Array, at: number): bigint =>
  view(bytes).getBigUint64(at, true);
