import type { hash as NodeHash } from "node:crypto";
import { sha256, utf8 } from "@tocsin/platform/host";

/** This many digests take as long here as Node's module takes to load. Most runs send fewer events. */
const few = 500;

/** Bytes of a digest. */
const length = 16;

/** A shorter text (characters) is kept as it is. Only the numbers of a run's events are so short. */
const longEnough = 49;

let made = 0;
let hash: typeof NodeHash | undefined;

/** Gives the function for the digests of the next `count` identities, by which these are recognized. Short ones are not digested. */
export function digester(count: number): (identity: string) => Uint8Array | string {
  made += count;
  const digest = made > few ? native : ours;
  return (identity) => (identity.length < longEnough ? identity : digest(identity));
}

function ours(identity: string): Uint8Array {
  return sha256(utf8.encode(identity)).subarray(0, length);
}

/** Takes the digest as a text with a character for each byte: a `Buffer` takes Node twice as long. */
function native(identity: string): Uint8Array {
  const text = (hash ??= process.getBuiltinModule("node:crypto").hash)(
    "sha256",
    identity,
    "binary",
  );
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
