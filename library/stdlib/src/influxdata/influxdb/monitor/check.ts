import { flux } from "@tocsin/engine/interpret";

const row = "{H with _time: G, _measurement: F}";
/** A label that comes twice: what the check writes hides what the row has. */
const added = `_measurement: string, _source_measurement: F, _type: C, _check_id: B,
      _check_name: A, _level: string, _source_timestamp: int, _time: time, _time: G, _measurement: F`;
const status = `{H with ${added}}`;

export const check = flux({
  name: "check",
  type: `(
    <-tables: stream[J], data: {E with tags: D, _type: C, _check_name: A, _check_id: B},
    messageFn: (r: ${status}) => I, ?crit: (r: ${row}) => bool, ?warn: (r: ${row}) => bool,
    ?info: (r: ${row}) => bool, ?ok: (r: ${row}) => bool,
  ) => stream[{H with _message: I, ${added}}] where D: Record, J: Record`,
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
