import { definePackage } from "@tocsin/engine/interpret";
import { check } from "./check.ts";
import { deadman } from "./deadman.ts";
import { levels } from "./levels.ts";
import { notify } from "./notify.ts";
import { changesBetween, stateChanges, stateChangesOnly } from "./state-changes.ts";
import { bucket, from, log, logs, write } from "./stored.ts";

export const packageDefinition = definePackage({
  path: "influxdata/influxdb/monitor",
  docs: "Checks, statuses, and notifications about them.",
  imports: ["dict", "experimental", "influxdata/influxdb", "influxdata/influxdb/schema"],
  members: [
    bucket,
    changesBetween,
    check,
    deadman,
    from,
    ...levels,
    log,
    logs,
    notify,
    stateChanges,
    stateChangesOnly,
    write,
  ],
});
