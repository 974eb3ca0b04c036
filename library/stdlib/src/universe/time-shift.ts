import { timeShiftKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const timeShift = transformation({
  name: "timeShift",
  type: "(<-tables: stream[A], duration: duration, ?columns: [string]) => stream[A]",
  docs:
    "Moves the times of `columns` by `duration`, which may be negative. The range that windows " +
    "are cut to moves as well.",
  example: `import "sampledata"
sampledata.int() |> timeShift(duration: 1h)`,
  kind: timeShiftKind,
  spec: (args) => ({
    duration: args.duration("duration"),
    columns: args.strings("columns", ["_start", "_stop", "_time"]),
  }),
});
