import { fillEmptyKind } from "@tocsin/engine/execute";
import { flux, native } from "@tocsin/engine/interpret";

export const _fillEmpty = native({
  name: "_fillEmpty",
  type: "(<-tables: stream[A], createEmpty: bool) => stream[A] where A: Record",
  docs: "With `createEmpty`, gives every empty table a row that holds the key and no other value.",
  call: (args, run, site) =>
    args.bool("createEmpty")
      ? run.stream(fillEmptyKind, {}, [args.stream()], site.at)
      : args.value("tables"),
});

export const aggregateWindow = flux({
  name: "aggregateWindow",
  type: `(
    <-tables: stream[D], every: duration, fn: (<-: stream[B], column: A) => stream[C], ?period: duration,
    ?offset: duration, ?location: {zone: string, offset: duration}, ?column: A, ?timeSrc: string,
    ?timeDst: string, ?createEmpty: bool,
  ) => stream[E] where B: Record, C: Record, D: Record, E: Record`,
  docs:
    "Applies `fn` (`mean`, `last`, a function of your own with a parameter `column`) to each " +
    "window of time and puts the results together again. The time of a result is the end of " +
    "its window, or what `timeSrc` says. With `createEmpty`, windows without rows give a row too.",
  example: `import "sampledata"
sampledata.float()
    |> range(start: sampledata.start, stop: sampledata.stop)
    |> aggregateWindow(every: 20s, fn: mean)`,
  source: `(
    every,
    fn,
    period=0s,
    offset=0s,
    location=location,
    column="_value",
    timeSrc="_stop",
    timeDst="_time",
    createEmpty=true,
    tables=<-,
) =>
    tables
        |> window(
            every: every,
            period: period,
            offset: offset,
            location: location,
            createEmpty: createEmpty,
        )
        |> fn(column: column)
        |> _fillEmpty(createEmpty: createEmpty)
        |> duplicate(column: timeSrc, as: timeDst)
        |> window(every: inf, timeColumn: timeDst)`,
});
