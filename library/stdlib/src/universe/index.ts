import { definePackage } from "@tocsin/engine/interpret";
import { contains, die, inf, length, linearBins, logarithmicBins } from "./collections.ts";
import {
  boolConversion,
  bytesConversion,
  durationConversion,
  floatConversion,
  intConversion,
  stringConversion,
  timeConversion,
  uintConversion,
  vectorizedFloat,
} from "./conversions.ts";
import { display } from "./display.ts";
import { filter } from "./filter.ts";
import { map } from "./map.ts";
import { now } from "./now.ts";
import { range } from "./range.ts";
import { findColumn, findRecord, getColumn, getRecord, tableFind } from "./table-find.ts";
import { yieldResult } from "./yield.ts";

export const packageDefinition = definePackage({
  path: "universe",
  docs: "What every script has without an import.",
  members: [
    boolConversion,
    bytesConversion,
    contains,
    die,
    display,
    durationConversion,
    filter,
    findColumn,
    findRecord,
    floatConversion,
    getColumn,
    getRecord,
    inf,
    intConversion,
    length,
    linearBins,
    logarithmicBins,
    map,
    now,
    range,
    stringConversion,
    tableFind,
    timeConversion,
    uintConversion,
    vectorizedFloat,
    yieldResult,
  ],
});
