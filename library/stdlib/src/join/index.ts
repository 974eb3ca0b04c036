import { definePackage, flux } from "@tocsin/engine/interpret";
import { tables } from "./tables.ts";

const joined = (method: string, words: string): ReturnType<typeof flux> =>
  flux({
    name: method,
    type: `(
      <-left: stream[L], right: stream[R], on: (l: L, r: R) => bool, as: (l: L, r: R) => A,
    ) => stream[A] where A: Record, L: Record, R: Record`,
    docs: `Joins two streams as \`tables\` does; rows that match none ${words}.`,
    example: `import "array"
import "join"
hosts = array.from(rows: [{host: "a", team: "db"}, {host: "c", team: "web"}])
loads = array.from(rows: [{host: "b", load: 0.9}, {host: "a", load: 0.1}])
join.${method}(
    left: loads,
    right: hosts,
    on: (l, r) => l.host == r.host,
    as: (l, r) => ({load: l.load, team: r.team}),
)`,
    source: `(left=<-, right, on, as) =>
    tables(left: left, right: right, on: on, as: as, method: "${method}")`,
  });

const time = flux({
  name: "time",
  type: `(
    <-left: stream[{L with _time: A}], right: stream[{R with _time: B}],
    as: (l: {L with _time: A}, r: {R with _time: B}) => C, ?method: string,
  ) => stream[C] where A: Equatable, B: Equatable, C: Record`,
  docs: "Joins rows of the same `_time`, as `tables` does; `method` is `inner` when it is not given.",
  example: `import "array"
import "join"
cpu = array.from(rows: [{_time: 2026-01-01T00:00:00Z, cpu: 0.9}])
mem = array.from(rows: [{_time: 2026-01-01T00:00:00Z, mem: 0.4}])
join.time(left: cpu, right: mem, as: (l, r) => ({l with mem: r.mem}))`,
  source: `(left=<-, right, as, method="inner") =>
    tables(left: left, right: right, on: (l, r) => l._time == r._time, as: as, method: method)`,
});

export const packageDefinition = definePackage({
  path: "join",
  docs: "Joins two streams by columns.",
  members: [
    joined("full", "of both sides come out too"),
    joined("inner", "do not come out"),
    joined("left", "of the left side come out too"),
    joined("right", "of the right side come out too"),
    tables,
    time,
  ],
});
