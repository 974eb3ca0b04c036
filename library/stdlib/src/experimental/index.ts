import { definePackage } from "@tocsin/engine/interpret";
import { catchErrors } from "./catch.ts";
import { chain } from "./chain.ts";
import { diff } from "./diff.ts";
import { group } from "./group.ts";
import { join } from "./join.ts";
import { onValueFunctions } from "./on-value.ts";
import { preview } from "./preview.ts";
import { objectKeys, set } from "./set.ts";
import { addDuration, alignTime, subDuration } from "./time-shifts.ts";
import { to } from "./to.ts";
import { unpivot } from "./unpivot.ts";
import { cut, window, windowWithAll } from "./window.ts";

export const packageDefinition = definePackage({
  path: "experimental",
  docs: "Functions that upstream still calls experiments, and variants of those of every day.",
  imports: ["date"],
  members: [
    addDuration,
    alignTime,
    catchErrors,
    chain,
    cut,
    diff,
    group,
    join,
    objectKeys,
    ...onValueFunctions,
    preview,
    set,
    subDuration,
    to,
    unpivot,
    window,
    windowWithAll,
  ],
});
