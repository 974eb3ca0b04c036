import { userInfo } from "node:os";
import { expect, test } from "vitest";
import { UsageError } from "../src/command.ts";
import { dataFolder } from "../src/data-folder.ts";
import { homeFolder } from "../src/home-folder.ts";

const nobody = (): string => {
  throw new Error("uv_os_homedir returned ENOENT");
};

test("an empty HOME is none: the system knows the user's", () => {
  const named = process.env["HOME"];
  process.env["HOME"] = "";
  try {
    expect(homeFolder({ HOME: "" })).toBe(userInfo().homedir);
  } finally {
    process.env["HOME"] = named;
  }
});

const homeless = (): undefined => undefined;

test("a user who is a mere number has no home, and is told what to give", () => {
  expect(homeFolder({}, nobody)).toBeUndefined();
  expect(homeFolder({ HOME: "" }, nobody)).toBeUndefined();
  expect(homeFolder({ HOME: "/home/ops" }, nobody)).toBe("/home/ops");
  expect(() => dataFolder(undefined, {}, "/srv", homeless)).toThrow(UsageError);
  expect(() => dataFolder(undefined, {}, "/srv", homeless)).toThrow(/--data/u);
  expect(dataFolder("d", {}, "/srv", homeless)).toBe("/srv/d");
});
