import { definePackage } from "@tocsin/engine/interpret";
import { _fillEmpty, aggregateWindow } from "./aggregate-window.ts";
import { chandeMomentumOscillator, hundredth, kaufmansER } from "./chande-momentum-oscillator.ts";
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
import { cumulativeSum } from "./cumulative-sum.ts";
import { derivative } from "./derivative.ts";
import { difference } from "./difference.ts";
import { display } from "./display.ts";
import { distinct } from "./distinct.ts";
import { drop } from "./drop.ts";
import { duplicate } from "./duplicate.ts";
import { elapsed } from "./elapsed.ts";
import { doubleEMA, exponentialMovingAverage, tripleEMA } from "./exponential-moving-average.ts";
import { fill } from "./fill.ts";
import { filter } from "./filter.ts";
import { first } from "./first.ts";
import { group } from "./group.ts";
import { kaufmansAMA } from "./kaufmans-ama.ts";
import { keep } from "./keep.ts";
import { last } from "./last.ts";
import { limit } from "./limit.ts";
import { map } from "./map.ts";
import { max } from "./max.ts";
import { mean } from "./mean.ts";
import { min } from "./min.ts";
import { movingAverage } from "./moving-average.ts";
import { now } from "./now.ts";
import { pivot } from "./pivot.ts";
import { range } from "./range.ts";
import { relativeStrengthIndex } from "./relative-strength-index.ts";
import { rename } from "./rename.ts";
import { set } from "./set.ts";
import { sort } from "./sort.ts";
import { spread } from "./spread.ts";
import { sum } from "./sum.ts";
import { findColumn, findRecord, getColumn, getRecord, tableFind } from "./table-find.ts";
import { tail } from "./tail.ts";
import { timeShift } from "./time-shift.ts";
import { startOfUnit, today } from "./today.ts";
import { tripleExponentialDerivative } from "./triple-exponential-derivative.ts";
import { union } from "./union.ts";
import { unique } from "./unique.ts";
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
    chandeMomentumOscillator,
    contains,
    count,
    cumulativeSum,
    derivative,
    die,
    difference,
    display,
    distinct,
    doubleEMA,
    drop,
    duplicate,
    durationConversion,
    elapsed,
    exponentialMovingAverage,
    fill,
    filter,
    findColumn,
    findRecord,
    first,
    floatConversion,
    getColumn,
    getRecord,
    group,
    hundredth,
    inf,
    intConversion,
    kaufmansAMA,
    kaufmansER,
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
    movingAverage,
    now,
    pivot,
    range,
    relativeStrengthIndex,
    rename,
    set,
    sort,
    spread,
    startOfUnit,
    stringConversion,
    sum,
    tableFind,
    tail,
    timeConversion,
    timeShift,
    today,
    tripleEMA,
    tripleExponentialDerivative,
    uintConversion,
    union,
    unique,
    vectorizedFloat,
    window,
    yieldResult,
  ],
});
