import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { digester } from "../src/digest.ts";

test("an identity has one digest, in files of every version and however many there are", () => {
  // Few are made here, many by Node.
  for (const count of [100, 1000]) {
    const digest = digester(count);
    for (let i = 0; i < 100; i++) {
      const identity = JSON.stringify(["run", `éñ${i} \ud800`, "x".repeat(40 + i)]);
      const expected = hash("sha256", identity, "hex").slice(0, 32);
      expect(Buffer.from(digest(identity)).toString("hex")).toBe(expected);
    }
  }
});
