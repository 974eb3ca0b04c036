import { recordingDeliveries } from "@tocsin/alerting/oncall";
import { MemoryBuckets } from "@tocsin/adapters/buckets";
import { checkScript, compileScript, runProgram } from "@tocsin/library/runtime";
import { parseTypeExpression } from "@tocsin/language/syntax";
import { standardLibrary } from "@tocsin/library/stdlib";
import { memoryHost } from "@tocsin/platform/host";
import { describe, expect, test } from "vitest";
import { derived, signatures, stored } from "./signatures.ts";

test("signatures.json and docs.json are what the library says (npm run signatures)", async () => {
  const said = await signatures();
  for (const name of derived) expect(stored(name), name).toBe(said[name]);
});

const definitions = await Promise.all(
  standardLibrary.paths.map((path) => standardLibrary.load(path)),
);
const examples = definitions.flatMap((one) =>
  (one?.members ?? []).flatMap(({ name, example }) =>
    example === undefined ? [] : [{ name: `${one?.path}.${name}`, example }],
  ),
);

/** What these are for is to show nothing when all is well. */
const silent = /^(?:testing|internal\/debug\.sink)/u;

describe("examples of the library", () => {
  test.each(examples)("$name", async ({ name, example }) => {
    const { diagnostics } = await checkScript(example, name);
    expect(diagnostics.map(({ message }) => message)).toEqual([]);
    const { program } = compileScript(example, name);
    if (program === undefined) throw new Error(`${name} does not compile`);
    let rows = 0;
    const world = {
      host: memoryHost(),
      buckets: new MemoryBuckets(),
      deliveries: recordingDeliveries(),
      library: standardLibrary,
    };
    const report = await runProgram(program, world, {
      push: (_result, batch) => void (rows += batch.rows),
      finish: () => undefined,
    });
    expect(report.errors.map(({ error }) => error.message)).toEqual([]);
    if (!silent.test(name)) expect(rows, "an example shows something").toBeGreaterThan(0);
  });
});

test("every type is one", () => {
  const wrong = definitions.flatMap((one) =>
    (one?.members ?? []).flatMap(({ name, type }) =>
      parseTypeExpression(type).diagnostics.map(
        ({ message }) => `${one?.path}.${name}: ${message}`,
      ),
    ),
  );
  expect(wrong).toEqual([]);
});

test("a member is declared once, with words", () => {
  const wrong = definitions.flatMap((one) => {
    const names = (one?.members ?? []).map(({ name }) => name);
    const twice = names
      .filter((name, i) => names.indexOf(name) !== i)
      .map((name) => `${one?.path}.${name} twice`);
    const silent = (one?.members ?? [])
      .filter(({ docs }) => docs.length < 5)
      .map(({ name }) => `${one?.path}.${name} has no docs`);
    return [...twice, ...silent];
  });
  expect(wrong).toEqual([]);
});
