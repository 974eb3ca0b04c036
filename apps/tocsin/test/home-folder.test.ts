import { execFileSync } from "node:child_process";
import { userInfo } from "node:os";
import { expect, test } from "vitest";
import { UsageError } from "../src/command.ts";
import { dataFolder } from "../src/data-folder.ts";
import { homeFolder } from "../src/home-folder.ts";

const nobody = (): string => {
  throw new Error("uv_os_homedir returned ENOENT");
};

test("an empty HOME is none: the system knows the user's", () => {
  const module = JSON.stringify(new URL("../src/home-folder.ts", import.meta.url).href);
  const script = `import { homeFolder } from ${module}; console.log(homeFolder({ HOME: "" }));`;
  const env = { ...process.env, HOME: "" };
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], { env });
  expect(said.toString()).toBe(`${userInfo().homedir}\n`);
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
