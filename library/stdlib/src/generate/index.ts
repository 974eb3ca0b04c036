import { columnBuilder, groupKey, tableFrom } from "@tocsin/data/column";
import {
  addDuration,
  type FunctionValue,
  int,
  invalid,
  kindName,
  wrapInt,
} from "@tocsin/data/value";
import type { SourceKind } from "@tocsin/engine/execute";
import { type Arguments, definePackage, type Run, transformation } from "@tocsin/engine/interpret";

interface GenerateSpec {
  readonly start: bigint;
  readonly stop: bigint;
  readonly count: number;
  readonly fn: FunctionValue;
}

const generateKind: SourceKind<GenerateSpec> = {
  name: "generate.from",
  rowwise: false,
  source: true,
  describe: ({ count }) => `${count} rows`,
  open: ({ start, stop, count, fn }, context) => ({
    run: async (push) => {
      const step = count === 0 ? 0n : (stop - start) / BigInt(count);
      const times = columnBuilder("time", count);
      const values = columnBuilder("int", count);
      for (let i = 0; i < count; i++) {
        const value = await context.rows.call(fn, new Map([["n", int(BigInt(i))]]));
        if (value.kind !== "int")
          throw invalid(`function must return type integer, but got ${kindName(value)}`);
        times.append(wrapInt(start + step * BigInt(i)));
        values.append(value.value);
        if (context.host.loop.due()) await context.host.loop.turn();
      }
      const key = groupKey([
        { label: "_start", kind: "time", cell: start },
        { label: "_stop", kind: "time", cell: stop },
      ]);
      const columns = [
        { label: "_time", column: times.finish() },
        { label: "_value", column: values.finish() },
      ];
      const order = ["_time", "_value"];
      await push(tableFrom(key, columns, { order: [...order, ...key.labels], rows: count }));
    },
  }),
};

/** A time as it is, or a duration from now. */
function bound(args: Arguments, run: Run, name: string): bigint {
  const value = args.value(name);
  return value.kind === "duration" ? addDuration(run.now, value.value) : args.time(name);
}

const from = transformation({
  name: "from",
  type: `(start: A, stop: A, count: int, fn: (n: int) => int) =>
    stream[{_start: time, _stop: time, _time: time, _value: int}] where A: Timeable`,
  docs:
    "One table of `count` rows, evenly spread from `start` on and before `stop`, with the value that `fn` gives " +
    "for the row's number `n`, counted from 0.",
  example: `import "generate"
generate.from(start: 2024-01-01T00:00:00Z, stop: 2024-01-02T00:00:00Z, count: 4, fn: (n) => n * n)`,
  kind: generateKind,
  inputs: () => [],
  spec: (args, run) => {
    const count = args.count("count");
    if (count < 0) throw invalid(`generate.from: count must not be negative, but is ${count}`);
    return {
      start: bound(args, run, "start"),
      stop: bound(args, run, "stop"),
      count,
      fn: args.func("fn"),
    };
  },
});

export const packageDefinition = definePackage({
  path: "generate",
  docs: "Makes tables from a function.",
  members: [from],
});
