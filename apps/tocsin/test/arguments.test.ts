import { expect, test } from "vitest";
import { readArguments } from "../src/arguments.ts";

const forms = {
  help: { type: "boolean", short: "h" },
  quiet: { type: "boolean", short: "q" },
  execute: { type: "string", short: "e", multiple: true },
  wait: { type: "string" },
} as const;
const read = (...argv: string[]) => readArguments(argv, forms);

test("options and operands stand in any order, values beside or behind an equals sign", () => {
  expect(read("a", "--wait", "1s", "-h", "b", "--execute=x=y", "-e", "z", "-ew", "-")).toEqual({
    options: { wait: "1s", help: true, execute: ["x=y", "z", "w"] },
    operands: ["a", "b", "-"],
  });
  expect(read("-qh", "--", "--wait", "-x")).toEqual({
    options: { quiet: true, help: true },
    operands: ["--wait", "-x"],
  });
});

test("a value may begin with a dash, and the last one counts", () => {
  expect(read("--wait", "-1h").options).toEqual({ wait: "-1h" });
  expect(read("--wait=1s", "--wait", "-").options).toEqual({ wait: "-" });
});

test("an empty value is none, except among several", () => {
  expect(() => read("--wait=")).toThrow("--wait needs a value, not an empty one");
  expect(() => read("--wait", "")).toThrow("--wait needs a value, not an empty one");
  expect(read("-e", "", "-e", "x").options).toEqual({ execute: ["", "x"] });
});

test("what cannot be understood is named, with the near one", () => {
  expect(() => read("--wiat", "1s")).toThrow("there is no option --wiat; did you mean --wait?");
  expect(() => read("--constructor")).toThrow("there is no option --constructor");
  expect(() => read("-x")).toThrow("there is no option -x");
  expect(() => read("-qe")).toThrow("-e needs a value");
  expect(() => read("--wait")).toThrow("--wait needs a value");
  expect(() => read("--help=yes")).toThrow("--help takes no value");
});
