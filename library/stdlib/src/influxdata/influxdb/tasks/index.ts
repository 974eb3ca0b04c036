import { approximateNanoseconds, invalid, nullOf, time, type Value } from "@tocsin/data/value";
import { definePackage, flux, native, type ValueDefinition } from "@tocsin/engine/interpret";

const zeroTime: ValueDefinition = {
  form: "value",
  name: "_zeroTime",
  type: "time",
  docs: "No time.",
  value: () => nullOf("time"),
};

const lastSuccessTime = flux({
  name: "lastSuccessTime",
  type: "time",
  docs: "When the task last ran well. Whoever runs tasks sets it; null: never.",
  option: true,
  source: "_zeroTime",
});

const choose = native({
  name: "_lastSuccess",
  type: "(orTime: A, lastSuccessTime: time) => time where A: Timeable",
  docs: "`lastSuccessTime`, or `orTime` when there is none.",
  call: (args, run): Value => {
    const last = args.value("lastSuccessTime");
    if (last.kind === "time") return last;
    const or = args.value("orTime");
    if (or.kind === "time") return or;
    if (or.kind === "duration") return time(run.now + approximateNanoseconds(or.value));
    throw invalid(`keyword argument "orTime" should be a time or duration, but got ${or.kind}`);
  },
});

const lastSuccess = flux({
  name: "lastSuccess",
  type: "(orTime: A) => time where A: Timeable",
  docs: "When the task last ran well; `orTime` (a time, or a duration relative to now) when it never did.",
  source: "(orTime) => _lastSuccess(orTime: orTime, lastSuccessTime: lastSuccessTime)",
});

export const packageDefinition = definePackage({
  path: "influxdata/influxdb/tasks",
  docs: "What a task may know of its earlier runs.",
  members: [choose, lastSuccess, lastSuccessTime, zeroTime],
});
