import { flux } from "@tocsin/engine/interpret";

const statuses = "stream[{A with _level: B}]";

/**
 * Rows whose rank differs from the row before: `rank` is a Flux function from a row to an int, `keep` the
 * condition on the difference. Rows are told apart by the time of their source, then by their own.
 */
const changes = (rank: string, keep: string): string => `
    tables
        |> map(fn: (r) => ({r with _rank: ${rank}, _kept_level: r._level}))
        |> drop(columns: ["_level"])
        |> rename(columns: {_kept_level: "_level"})
        |> sort(columns: ["_source_timestamp", "_time"])
        |> difference(columns: ["_rank"])
        |> filter(fn: (r) => ${keep})
        |> drop(columns: ["_rank"])
        |> experimental.group(mode: "extend", columns: ["_level"])`;

export const changesBetween = flux({
  name: "_stateChanges",
  type: `(<-tables: ${statuses}, ?fromLevel: C, ?toLevel: D) => stream[E]
    where B: Equatable, C: Equatable, D: Equatable, E: Record`,
  docs: "Rows that came from one level to another; `any` is any other level.",
  source: `(fromLevel="any", toLevel="any", tables=<-) => {
    arrives = (r) => if toLevel == "any" then exists r._level and r._level != fromLevel else r._level == toLevel
    leaves = (r) => if fromLevel == "any" then exists r._level and r._level != toLevel else r._level == fromLevel
    rank = (r) => if arrives(r: r) then 1 else if leaves(r: r) then 0 else -10

    return ${changes("rank(r: r)", "r._rank == 1").trim()}
}`,
});

export const stateChangesOnly = flux({
  name: "stateChangesOnly",
  type: `(<-tables: ${statuses}) => stream[C] where B: Equatable, C: Record`,
  docs: "Rows whose level differs from that of the row before.",
  source: `(tables=<-) => {
    ranks = [levelOK: 1, levelInfo: 2, levelWarn: 3, levelCrit: 4]

    return ${changes("dict.get(dict: ranks, key: r._level, default: 0)", "r._rank != 0").trim()}
}`,
});

export const stateChanges = flux({
  name: "stateChanges",
  type: `(<-tables: ${statuses}, ?fromLevel: C, ?toLevel: D) => stream[E]
    where B: Equatable, C: Equatable, D: Equatable, E: Record`,
  docs: "Rows whose level changed from `fromLevel` to `toLevel`; `any` (the default of both) is any level.",
  source: `(fromLevel="any", toLevel="any", tables=<-) =>
    if fromLevel == "any" and toLevel == "any" then
        tables |> stateChangesOnly()
    else
        tables |> _stateChanges(fromLevel: fromLevel, toLevel: toLevel)`,
});
