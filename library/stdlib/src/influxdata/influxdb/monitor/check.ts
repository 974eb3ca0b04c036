import { flux } from "@tocsin/engine/interpret";

export const check = flux({
  name: "check",
  type: `(
    <-tables: stream[A], data: {B with tags: C, _type: D, _check_name: E, _check_id: F}, messageFn: (r: G) => H,
    ?crit: (r: A) => bool, ?warn: (r: A) => bool, ?info: (r: A) => bool, ?ok: (r: A) => bool,
  ) => stream[I] where A: Record, C: Record, G: Record, I: Record`,
  docs:
    "Gives each row a level: the first of `crit`, `warn`, `info`, `ok` that holds, else `unknown`; adds what `data` " +
    "says of the check and the message of `messageFn`; keeps the statuses (option `write`).",
  source: `(
    tables=<-,
    data,
    messageFn,
    crit=(r) => false,
    warn=(r) => false,
    info=(r) => false,
    ok=(r) => true,
) => {
    levelOf = (r) =>
        if crit(r: r) then levelCrit
        else if warn(r: r) then levelWarn
        else if info(r: r) then levelInfo
        else if ok(r: r) then levelOK
        else levelUnknown

    return tables
        |> experimental.set(o: data.tags)
        |> experimental.group(mode: "extend", columns: experimental.objectKeys(o: data.tags))
        |> map(
            fn: (r) => ({r with
                _check_id: data._check_id,
                _check_name: data._check_name,
                _level: levelOf(r: r),
                _measurement: "statuses",
                _source_measurement: r._measurement,
                _source_timestamp: int(v: r._time),
                _time: now(),
                _type: data._type,
            }),
        )
        |> map(fn: (r) => ({r with _message: messageFn(r: r)}))
        |> experimental.group(
            mode: "extend",
            columns: ["_check_id", "_check_name", "_level", "_source_measurement", "_type"],
        )
        |> write()
}`,
});
