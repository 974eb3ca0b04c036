import { littleEndian32, littleEndian64, rotateLeft, word } from "./words.ts";

const K0 = 0xc3a5c85c97cb3127n;
const K1 = 0xb492b66fbe98f273n;
const K2 = 0x9ae16a3b2f90404fn;
const K3 = 0xc949d7c7509e6557n;
const MULTIPLIER = 0x9ddfea08eb382d69n;

type Pair = readonly [bigint, bigint];

const rotateRight = (value: bigint, by: bigint): bigint => rotateLeft(value, 64n - by);

const shiftMix = (value: bigint): bigint => value ^ (value >> 47n);

function mixed(low: bigint, high: bigint): bigint {
  const a = shiftMix(word((low ^ high) * MULTIPLIER));
  return word(shiftMix(word((high ^ a) * MULTIPLIER)) * MULTIPLIER);
}

/** CityHash64 of bytes, version 1.0.2 of Google's (G. Pike, J. Alakuijala), which ClickHouse has, too. */
export function cityhash64(bytes: Uint8Array): bigint {
  if (bytes.length <= 16) return upTo16(bytes);
  if (bytes.length <= 32) return upTo32(bytes);
  return bytes.length <= 64 ? upTo64(bytes) : long(bytes);
}

function upTo16(bytes: Uint8Array): bigint {
  const size = bytes.length;
  const length = BigInt(size);
  if (size > 8) {
    const last = littleEndian64(bytes, size - 8);
    return mixed(littleEndian64(bytes, 0), rotateRight(word(last + length), length)) ^ last;
  }
  if (size >= 4)
    return mixed(length + (littleEndian32(bytes, 0) << 3n), littleEndian32(bytes, size - 4));
  if (size === 0) return K2;
  const y = BigInt(bytes[0] + (bytes[size >> 1] << 8));
  const z = BigInt(size + (bytes[size - 1] << 2));
  return word(shiftMix(word(y * K2) ^ word(z * K3)) * K2);
}

function upTo32(bytes: Uint8Array): bigint {
  const size = bytes.length;
  const a = word(littleEndian64(bytes, 0) * K1);
  const b = littleEndian64(bytes, 8);
  const c = word(littleEndian64(bytes, size - 8) * K2);
  const d = word(littleEndian64(bytes, size - 16) * K0);
  return mixed(
    word(rotateRight(word(a - b), 43n) + rotateRight(c, 30n) + d),
    word(a + rotateRight(b ^ K3, 20n) - c + BigInt(size)),
  );
}

function upTo64(bytes: Uint8Array): bigint {
  const size = bytes.length;
  const seed = (BigInt(size) + littleEndian64(bytes, size - 16)) * K0;
  const [va, vb] = halfOf(
    bytes,
    0,
    word(littleEndian64(bytes, 0) + seed),
    littleEndian64(bytes, 24),
  );
  const start = word(littleEndian64(bytes, 16) + littleEndian64(bytes, size - 32));
  const [wa, wb] = halfOf(bytes, size - 32, start, littleEndian64(bytes, size - 8));
  const r = shiftMix(word((va + wb) * K2 + (wa + vb) * K0));
  return word(shiftMix(word(r * K0 + vb)) * K2);
}

/** Mixes 32 bytes, of which the first word is in `start` and the last in `end`. */
function halfOf(bytes: Uint8Array, at: number, start: bigint, end: bigint): Pair {
  const second = word(start + littleEndian64(bytes, at + 8));
  const third = word(second + littleEndian64(bytes, at + 16));
  const turned =
    rotateRight(word(start + end), 52n) + rotateRight(start, 37n) + rotateRight(second, 7n);
  return [word(third + end), word(turned + rotateRight(third, 31n))];
}

/** Mixes 32 bytes into two words. */
function mixIn(bytes: Uint8Array, at: number, [a, b]: Pair): Pair {
  const [w, x, y, z] = [0, 8, 16, 24].map((by) => littleEndian64(bytes, at + by));
  const first = word(a + w);
  const all = word(first + x + y);
  return [
    word(all + z),
    word(rotateRight(word(b + first + z), 21n) + rotateRight(all, 44n) + first),
  ];
}

function long(bytes: Uint8Array): bigint {
  const size = bytes.length;
  let x = littleEndian64(bytes, 0);
  let y = littleEndian64(bytes, size - 16) ^ K1;
  let z = littleEndian64(bytes, size - 56) ^ K0;
  let v = mixIn(bytes, size - 64, [BigInt(size), y]);
  let w = mixIn(bytes, size - 32, [word(BigInt(size) * K1), K0]);
  z = word(z + shiftMix(v[1]) * K1);
  x = word(rotateRight(word(z + x), 39n) * K1);
  y = word(rotateRight(y, 33n) * K1);
  const end = Math.floor((size - 1) / 64) * 64;
  for (let at = 0; at < end; at += 64) {
    x = word(rotateRight(word(x + y + v[0] + littleEndian64(bytes, at + 16)), 37n) * K1) ^ w[1];
    y = word(rotateRight(word(y + v[1] + littleEndian64(bytes, at + 48)), 42n) * K1) ^ v[0];
    z = rotateRight(z ^ w[0], 33n);
    v = mixIn(bytes, at, [word(v[1] * K1), word(x + w[0])]);
    w = mixIn(bytes, at + 32, [word(z + w[1]), y]);
    [z, x] = [x, z];
  }
  return mixed(word(mixed(v[0], w[0]) + shiftMix(y) * K1 + z), word(mixed(v[1], w[1]) + x));
}
