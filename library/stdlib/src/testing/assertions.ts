import { FluxError } from "@tocsin/data/value";
import { type Operator, operatorKind, TableCollector } from "@tocsin/engine/execute";
import { native, transformation } from "@tocsin/engine/interpret";
import type { LogicalNode } from "@tocsin/engine/plan";
import { diffKind } from "../experimental/diff.ts";

/** Fails at the end when any table had a row; passes nothing on. */
const assertEmptyKind = operatorKind<Record<string, never>>(
  { name: "assertEmpty", rowwise: false },
  (): Operator => {
    let found = 0;
    const collector = new TableCollector((table) => {
      if (table.rows > 0) found += 1;
    });
    return {
      push: (batch) => collector.add(batch),
      finish: () => {
        if (found > 0) throw new FluxError("aborted", `found ${found} tables that were not empty`);
      },
    };
  },
);

export const assertEmpty = transformation({
  name: "assertEmpty",
  type: "(<-tables: stream[A]) => stream[A]",
  docs: "Fails when the stream has a row.",
  example: `import "sampledata"
import "testing"
sampledata.int() |> filter(fn: (r) => r._value > 100) |> testing.assertEmpty()`,
  kind: assertEmptyKind,
  spec: () => ({}),
});

/** Passes its first input on; fails when its second, a difference, has a row. */
const assertEqualsKind = operatorKind<{ readonly name: string }>(
  { name: "assertEquals", rowwise: false, describe: ({ name }) => name },
  ({ name }, out): Operator => ({
    push: (batch, port) => {
      if (port === 0) return out.push(batch);
      if (batch.rows > 0) throw new FluxError("aborted", `test ${name}: tables not equal`);
    },
    finish: () => undefined,
  }),
);

export const assertEquals = native({
  name: "assertEquals",
  type: "(name: string, <-got: stream[A], want: stream[A]) => stream[A]",
  docs: "Passes `got` on, and fails with the name of the test when it differs from `want`. See `diff`.",
  example: `import "sampledata"
import "testing"
sampledata.int() |> testing.assertEquals(name: "same", want: sampledata.int())`,
  call: (args, run, site) => {
    const got = args.stream("got");
    const difference = run.stream(diffKind, {}, [got, args.stream("want")], site.at);
    const inputs = [got, difference.node as LogicalNode];
    return run.stream(assertEqualsKind, { name: args.string("name") }, inputs, site.at);
  },
});
