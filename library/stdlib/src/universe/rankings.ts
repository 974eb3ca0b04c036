import { flux } from "@tocsin/engine/interpret";

export const _sortLimit = flux({
  name: "_sortLimit",
  type: `(<-tables: stream[A], n: int, desc: bool, ?columns: [string]) => stream[A] where A: Record`,
  docs: "The first `n` rows of each table, sorted by `columns`.",
  source: `(n, desc, columns=["_value"], tables=<-) =>
    tables |> sort(columns: columns, desc: desc) |> limit(n: n)`,
});

export const top = flux({
  name: "top",
  type: `(<-tables: stream[A], n: int, ?columns: [string]) => stream[A] where A: Record`,
  docs: "The `n` rows of each table with the largest values, the largest first.",
  example: `import "sampledata"
sampledata.int() |> top(n: 2)`,
  source: `(n, columns=["_value"], tables=<-) =>
    tables |> _sortLimit(n: n, columns: columns, desc: true)`,
});

export const bottom = flux({
  name: "bottom",
  type: `(<-tables: stream[A], n: int, ?columns: [string]) => stream[A] where A: Record`,
  docs: "The `n` rows of each table with the smallest values, the smallest first.",
  example: `import "sampledata"
sampledata.int() |> bottom(n: 2)`,
  source: `(n, columns=["_value"], tables=<-) =>
    tables |> _sortLimit(n: n, columns: columns, desc: false)`,
});

export const _highestOrLowest = flux({
  name: "_highestOrLowest",
  type: `(
    <-tables: stream[A], n: D, reducer: (<-: stream[A]) => stream[B],
    _sortLimit: (<-: stream[B], n: D, columns: [E]) => C, ?column: E, ?groupColumns: [string],
  ) => C where A: Record, B: Record`,
  docs: "Groups, makes one row of each group, and keeps the `n` first of all groups.",
  source: `(n, reducer, _sortLimit, column="_value", groupColumns=[], tables=<-) =>
    tables
        |> group(columns: groupColumns)
        |> reducer()
        |> group()
        |> _sortLimit(n: n, columns: [column])`,
});

const parameters = "(<-tables: stream[A], n: int, ?column: string, ?groupColumns: [string])";

/** Rows that are chosen keep their columns; those that are computed have others. */
const types = {
  max: `${parameters} => stream[A] where A: Record`,
  min: `${parameters} => stream[A] where A: Record`,
  last: `${parameters} => stream[A] where A: Record`,
  mean: `${parameters} => stream[B] where A: Record, B: Record`,
};

function ranking(
  name: string,
  words: {
    readonly by: string;
    readonly reducer: keyof typeof types;
    readonly first: "top" | "bottom";
  },
): ReturnType<typeof flux> {
  return flux({
    name,
    type: types[words.reducer],
    docs: `Groups by \`groupColumns\` and gives the \`n\` groups with the ${words.by}, one row each.`,
    example: `import "sampledata"
sampledata.int() |> ${name}(n: 1, groupColumns: ["tag"])`,
    source: `(n, column="_value", groupColumns=[], tables=<-) =>
    tables
        |> _highestOrLowest(
            n: n,
            column: column,
            groupColumns: groupColumns,
            reducer: (tables=<-) => tables |> ${words.reducer}(column: column),
            _sortLimit: ${words.first},
        )`,
  });
}

export const highestMax = ranking("highestMax", {
  by: "largest maxima",
  reducer: "max",
  first: "top",
});
export const highestAverage = ranking("highestAverage", {
  by: "largest means",
  reducer: "mean",
  first: "top",
});
export const highestCurrent = ranking("highestCurrent", {
  by: "largest last values",
  reducer: "last",
  first: "top",
});
export const lowestMin = ranking("lowestMin", {
  by: "smallest minima",
  reducer: "min",
  first: "bottom",
});
export const lowestAverage = ranking("lowestAverage", {
  by: "smallest means",
  reducer: "mean",
  first: "bottom",
});
export const lowestCurrent = ranking("lowestCurrent", {
  by: "smallest last values",
  reducer: "last",
  first: "bottom",
});
