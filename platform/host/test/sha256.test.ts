import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { seeded, sha256 } from "@tocsin/platform/host";

test("the digest is that of Node, at every length around the ends of blocks", () => {
  const random = seeded(7);
  for (let length = 0; length < 200; length++) {
    const bytes = Uint8Array.from({ length }, () => Math.floor(random.next() * 256));
    expect(Buffer.from(sha256(bytes)).toString("hex")).toBe(hash("sha256", bytes));
  }
});
