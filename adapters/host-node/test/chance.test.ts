import { expect, test } from "vitest";
import { randomBytes, randomUuid } from "@tocsin/adapters/host-node";

test("random bytes are as many as asked for, and others each time", () => {
  expect(randomBytes(6).length).toBe(6);
  expect(randomBytes(16)).not.toEqual(randomBytes(16));
});

test("a random UUID says its version and variant", () => {
  const form = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
  const some = Array.from({ length: 50 }, randomUuid);
  for (const one of some) expect(one).toMatch(form);
  expect(new Set(some).size).toBe(50);
});
