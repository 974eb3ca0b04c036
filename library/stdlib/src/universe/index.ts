import { definePackage } from "@tocsin/engine/interpret";
import { _fillEmpty, aggregateWindow } from "./aggregate-window.ts";
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
import { count } from "./count.ts";
import { display } from "./display.ts";
import { drop } from "./drop.ts";
import { duplicate } from "./duplicate.ts";
import { fill } from "./fill.ts";
import { filter } from "./filter.ts";
import { first } from "./first.ts";
import { group } from "./group.ts";
import { keep } from "./keep.ts";
import { last } from "./last.ts";
import { limit } from "./limit.ts";
import { map } from "./map.ts";
import { max } from "./max.ts";
import { mean } from "./mean.ts";
import { min } from "./min.ts";
import { now } from "./now.ts";
import { range } from "./range.ts";
import { rename } from "./rename.ts";
import { set } from "./set.ts";
import { sort } from "./sort.ts";
import { spread } from "./spread.ts";
import { sum } from "./sum.ts";
import { findColumn, findRecord, getColumn, getRecord, tableFind } from "./table-find.ts";
import { tail } from "./tail.ts";
import { timeShift } from "./time-shift.ts";
import { union } from "./union.ts";
import { _window, window } from "./window.ts";
import { yieldResult } from "./yield.ts";

export const packageDefinition = definePackage({
  path: "universe",
  docs: "What every script has without an import.",
  members: [
    _fillEmpty,
    _window,
    aggregateWindow,
    boolConversion,
    bytesConversion,
    contains,
    count,
    die,
    display,
    drop,
    duplicate,
    durationConversion,
    fill,
    filter,
    findColumn,
    findRecord,
    first,
    floatConversion,
    getColumn,
    getRecord,
    group,
    inf,
    intConversion,
    keep,
    last,
    length,
    limit,
    linearBins,
    logarithmicBins,
    map,
    max,
    mean,
    min,
    now,
    range,
    rename,
    set,
    sort,
    spread,
    stringConversion,
    sum,
    tableFind,
    tail,
    timeConversion,
    timeShift,
    uintConversion,
    union,
    vectorizedFloat,
    window,
    yieldResult,
  ],
});
