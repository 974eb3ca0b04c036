import { littleEndian32, littleEndian64, rotateLeft, word } from "./words.ts";

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

/** XXH64 of bytes with the seed 0, after its specification (xxHash fast digest algorithm, 0.1.1). */
export function xxhash64(bytes: Uint8Array): bigint {
  let at = 0;
  let sum = P5;
  if (bytes.length >= 32) {
    const lanes = [word(P1 + P2), P2, 0n, word(-P1)];
    for (; at + 32 <= bytes.length; at += 32)
      for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i], littleEndian64(bytes, at + 8 * i));
    sum = converge(lanes);
  }
  sum = word(sum + BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8)
    sum = word(rotateLeft(sum ^ round(0n, littleEndian64(bytes, at)), 27n) * P1 + P4);
  for (; at + 4 <= bytes.length; at += 4)
    sum = word(rotateLeft(sum ^ word(littleEndian32(bytes, at) * P1), 23n) * P2 + P3);
  for (; at < bytes.length; at++)
    sum = word(rotateLeft(sum ^ word(BigInt(bytes[at]) * P5), 11n) * P1);
  return avalanche(sum);
}

const round = (lane: bigint, input: bigint): bigint =>
  word(rotateLeft(word(lane + input * P2), 31n) * P1);

function converge([a, b, c, d]: readonly bigint[]): bigint {
  let sum = word(rotateLeft(a, 1n) + rotateLeft(b, 7n) + rotateLeft(c, 12n) + rotateLeft(d, 18n));
  for (const lane of [a, b, c, d]) sum = word((sum ^ round(0n, lane)) * P1 + P4);
  return sum;
}

function avalanche(sum: bigint): bigint {
  const first = word((sum ^ (sum >> 33n)) * P2);
  const second = word((first ^ (first >> 29n)) * P3);
  return second ^ (second >> 32n);
}
