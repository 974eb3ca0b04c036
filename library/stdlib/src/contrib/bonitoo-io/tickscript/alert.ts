import { flux } from "@tocsin/engine/interpret";

const check = "check: {C with _check_id: string, _check_name: string, _type: string, tags: D}";
const text = "(r: E) => string";

export const defineCheck = flux({
  name: "defineCheck",
  type: "(id: A, name: B, ?type: string) => {_check_id: A, _check_name: B, _type: string, tags: {}}",
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
    <-tables: stream[A], ${check}, ?id: ${text}, ?details: ${text}, ?message: ${text}, ?crit: (r: A) => bool,
    ?warn: (r: A) => bool, ?info: (r: A) => bool, ?ok: (r: A) => bool, ?topic: string,
  ) => stream[B] where A: Record, B: Record`,
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
    <-tables: stream[A], ${check}, measurement: string, ?threshold: int, ?id: ${text}, ?message: ${text}, ?topic: string,
  ) => stream[B] where A: Record, B: Record`,
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
