import { expect, test } from "vitest";
import { Dictionary } from "@tocsin/data/column";

test("codes are given in the order of coming and stay", () => {
  const dictionary = new Dictionary();
  const texts = Array.from({ length: 1000 }, (_, i) => `text ${i} ü`);
  expect(texts.map((text) => dictionary.code(text))).toEqual(texts.map((_, i) => i));
  expect(texts.map((text) => dictionary.code(text))).toEqual(texts.map((_, i) => i));
  expect(dictionary.text(7)).toBe("text 7 ü");
  expect(dictionary.size).toBe(1000);
});

test("looking for an absent text adds nothing", () => {
  const dictionary = new Dictionary();
  dictionary.code("there");
  expect(dictionary.find("absent")).toBe(-1);
  expect(dictionary.find("there")).toBe(0);
  expect(dictionary.size).toBe(1);
});
