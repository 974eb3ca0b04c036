import { flux } from "@tocsin/engine/interpret";

const check = "check: {E with _check_name: A, _check_id: B, _type: C, tags: D}";
/** What a status adds to its row; a label that comes twice hides what the row has. */
const added = `_measurement: string, _source_measurement: G, _type: C, _check_id: B,
    _check_name: A, _level: string, _source_timestamp: int, _time: time, _time: F, _measurement: G`;
const condition = "(r: {H with _time: F, _measurement: G}) => bool";

export const defineCheck = flux({
  name: "defineCheck",
  type: "(id: A, name: B, ?type: C) => {_check_id: A, _check_name: B, _type: C, tags: {}}",
  docs: "A check as `alert` and `deadman` take it.",
  example: `import "array"
import "contrib/bonitoo-io/tickscript"
check = tickscript.defineCheck(id: "cpu-check", name: "CPU")
array.from(rows: [{id: check._check_id, type: check._type}])`,
  source: `(id, name, type="custom") => ({_check_id: id, _check_name: name, _type: type, tags: {}})`,
});

export const alert = flux({
  name: "alert",
  type: `(
    <-tables: stream[M], ${check}, ?id: (r: {J with _check_id: B, _check_name: A}) => I,
    ?details: (r: {J with id: I, _check_id: B, _check_name: A}) => K, ?message: (r: {H with ${added}}) => L,
    ?crit: ${condition}, ?warn: ${condition}, ?info: ${condition}, ?ok: ${condition}, ?topic: string,
  ) => stream[{H with _message: L, ${added}}] where D: Record, J: Record, M: Record`,
  docs:
    "Gives each row a level and keeps it, as `monitor.check` does. `id`, `details` and `message` " +
    "make text of a row; the message is made last and may use the others. With a `topic` the " +
    "statuses are tagged with it.",
  source: `(
    tables=<-,
    check,
    id=(r) => "\${r._check_id}",
    details=(r) => "",
    message=(r) => "Threshold Check: \${r._check_name} is: \${r._level}",
    crit=(r) => false,
    warn=(r) => false,
    info=(r) => false,
    ok=(r) => true,
    topic="",
) => {
    named =
        tables
            |> drop(fn: (column) => column =~ /_start|_stop/)
            |> map(fn: (r) => ({r with _check_id: check._check_id, _check_name: check._check_name}))
            |> map(fn: (r) => ({r with id: id(r: r)}))
            |> map(fn: (r) => ({r with details: details(r: r)}))
    tagged =
        if topic == "" then
            named
        else
            named
                |> set(key: "_topic", value: topic)
                |> experimental.group(mode: "extend", columns: ["_topic"])

    return
        tagged
            |> monitor.check(data: check, messageFn: message, crit: crit, warn: warn, info: info, ok: ok)
}`,
});

export const deadman = flux({
  name: "deadman",
  type: `(
    <-tables: stream[M], ${check}, measurement: string, ?threshold: L,
    ?id: (r: {I with _check_id: B, _check_name: A}) => J, ?message: (r: {H with ${added}, dead: bool}) => K, ?topic: string,
  ) => stream[{H with _message: K, ${added}, dead: bool}]
    where D: Record, I: Record, L: Comparable + Equatable, M: Record`,
  docs:
    "One status for each table: critical (`dead`) when it has at most `threshold` rows. When " +
    "there is no row of `measurement` at all, one status says so.",
  source: `(
    tables=<-,
    check,
    measurement,
    threshold=0,
    id=(r) => "\${r._check_id}",
    message=(r) => "Deadman Check: \${r._check_name} is: " + (if r.dead then "dead" else "alive"),
    topic="",
) => {
    seen =
        tables
            |> keep(columns: ["_measurement"])
            |> findColumn(fn: (key) => key._measurement == measurement, column: "_measurement")
    silence =
        array.from(rows: [{_measurement: measurement, _time: now()}])
            |> group(columns: ["_measurement"])
            |> limit(n: 0)
    counted = if length(arr: seen) == 0 then silence else tables

    return
        counted
            |> duplicate(column: "_measurement", as: "_rows")
            |> count(column: "_rows")
            |> map(fn: (r) => ({r with _time: now(), dead: r._rows <= threshold}))
            |> drop(columns: ["_rows"])
            |> alert(check: check, id: id, message: message, crit: (r) => r.dead, topic: topic)
}`,
});
