import { sha256, utf8 } from "@tocsin/platform/host";

/** So many digests take as long here as Node's module takes to load. Most runs send less. */
const few = 32;

let made = 0;

/** Identities are long; their digest is enough to know them again. */
export function digest(identity: string): Uint8Array {
  made += 1;
  const whole =
    made > few
      ? process.getBuiltinModule("node:crypto").hash("sha256", identity, "buffer")
      : sha256(utf8.encode(identity));
  return whole.subarray(0, 16);
}
