import { definePackage, flux } from "@tocsin/engine/interpret";

/** The days, the column `Animal_name` and the names of the columns that come out are upstream's own. */
const naiveBayes = flux({
  name: "naiveBayes",
  type: `(
    <-tables: stream[{E with _time: time, _measurement: C, _field: D}], myClass: string, myField: A, myMeasurement: B,
  ) => stream[F] where A: Equatable, B: Equatable, C: Equatable, D: Equatable, F: Record`,
  docs:
    "Says of each value of 1 January 2020 how probable each class is, after the values of 2 to 6 January 2020. " +
    "`myClass` is the column with the class of a row. Keeps the column `Animal_name`. The days are fixed, as upstream " +
    "has them: shift rows of other days with `timeShift()`.",
  source: `(tables=<-, myClass, myField, myMeasurement) => {
    during = (start, stop) =>
        tables
            |> range(start: start, stop: stop)
            |> filter(fn: (r) => r._measurement == myMeasurement and r._field == myField)
            |> group()
    learned = during(start: 2020-01-02T00:00:00Z, stop: 2020-01-06T23:00:00Z)
    asked = during(start: 2020-01-01T00:00:00Z, stop: 2020-01-01T23:00:00Z)
    all = learned |> group(columns: ["_field"]) |> count() |> findRecord(fn: (key) => key._field == myField, idx: 0)
    share = (n) => float(v: n) / float(v: all._value)
    perClass =
        learned
            |> group(columns: [myClass, "_field"])
            |> count()
            |> group()
            |> map(fn: (r) => ({r with p_k: share(n: r._value), tc: all._value}))
            |> rename(columns: {_value: "ofClass"})
            |> drop(columns: ["_field"])
    perValue =
        learned
            |> group(columns: ["_value", "_field"])
            |> count(column: myClass)
            |> rename(fn: (column) => if column == myClass then "ofValue" else column)
            |> map(fn: (r) => ({r with p_x: share(n: r.ofValue), tc: all._value}))
            |> rename(fn: (column) => if column == "ofValue" then myClass else column)
    perPair =
        learned
            |> group(columns: ["_field", "_value", myClass])
            |> reduce(identity: {sum: 0.0}, fn: (r, accumulator) => ({sum: accumulator.sum + 1.0}))
            |> group()
    within =
        join(tables: {pair: perPair, class: perClass}, on: [myClass])
            |> group(columns: [myClass, "_value"])
            |> map(fn: (r) => ({r with P_x_k: r.sum / float(v: r.ofClass)}))
            |> drop(columns: ["ofClass"])
    probabilities =
        join(tables: {P_k_x_class: within, P_value_x: perValue}, on: ["_value", "_field"])
            |> map(fn: (r) => ({r with Probability: r.P_x_k * r.p_k / r.p_x}))

    return
        join(
            tables: {
                Probability_table: probabilities,
                r: asked |> keep(columns: ["_value", "Animal_name", "_field"]),
            },
            on: ["_value"],
        )
}`,
});

export const packageDefinition = definePackage({
  path: "contrib/RohanSreerama5/naiveBayesClassifier",
  docs: "Classifies values by Bayes' rule.",
  members: [naiveBayes],
});
