import { expect, test } from "vitest";
import { filesBelow, root } from "../tools/tree.ts";
import { answer } from "./answer.ts";
import { answers, readGolden, writeGolden } from "./golden.ts";

const cases = filesBelow("conformance", ".golden");

for (const { path } of cases) {
  test(path.replace(/^conformance\//u, ""), async () => {
    const golden = readGolden(`${root}/${path}`);
    const answered = await answer(golden);
    if (process.env["BLESS"] !== undefined) return writeGolden(golden, answered);
    const expected = [...golden.sections].filter(([name]) => answers.some((one) => one === name));
    expect(expected.length, "a case expects something").toBeGreaterThan(0);
    for (const [name, text] of expected) expect(answered.get(name), name).toBe(text);
  });
}

test("each case says whether upstream gives the same", () => {
  const said = cases.map(({ path }) => readGolden(`${root}/${path}`)).filter(({ head }) => {
    const upstream = head.get("upstream") ?? "";
    return !["same", "none"].includes(upstream) && !upstream.startsWith("differs");
  });
  expect(said.map(({ path }) => path)).toEqual([]);
});
