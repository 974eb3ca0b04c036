import { definePackage } from "@tocsin/engine/interpret";
import { _fillEmpty, aggregateWindow } from "./aggregate-window.ts";
import { chandeMomentumOscillator, hundredth, kaufmansER } from "./chande-momentum-oscillator.ts";
import { contains, die, inf, length, linearBins, logarithmicBins } from "./collections.ts";
import { toBool, toFloat, toInt, toString, toTime, toUInt } from "./column-conversions.ts";
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
import { cov, covariance, pearsonr } from "./covariance.ts";
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
import { histogram } from "./histogram.ts";
import { histogramQuantile } from "./histogram-quantile.ts";
import { holtWinters } from "./holt-winters.ts";
import { _hourSelection, hourSelection } from "./hour-selection.ts";
import { increase } from "./increase.ts";
import { integral, timeWeightedAvg } from "./integral.ts";
import { join } from "./join.ts";
import { kaufmansAMA } from "./kaufmans-ama.ts";
import { keep } from "./keep.ts";
import { last } from "./last.ts";
import { limit } from "./limit.ts";
import { map } from "./map.ts";
import { max } from "./max.ts";
import { mean } from "./mean.ts";
import { min } from "./min.ts";
import { mode } from "./mode.ts";
import { movingAverage } from "./moving-average.ts";
import { now } from "./now.ts";
import { pivot } from "./pivot.ts";
import { median, quantile } from "./quantile.ts";
import { range } from "./range.ts";
import {
  _highestOrLowest,
  _sortLimit,
  bottom,
  highestAverage,
  highestCurrent,
  highestMax,
  lowestAverage,
  lowestCurrent,
  lowestMin,
  top,
} from "./rankings.ts";
import { reduce } from "./reduce.ts";
import { relativeStrengthIndex } from "./relative-strength-index.ts";
import { rename } from "./rename.ts";
import { sample } from "./sample.ts";
import { columns, keyValues, keys } from "./schema-tables.ts";
import { set } from "./set.ts";
import { skew } from "./skew.ts";
import { sort } from "./sort.ts";
import { spread } from "./spread.ts";
import { stateCount, stateDuration, stateTracking } from "./state-tracking.ts";
import { stddev } from "./stddev.ts";
import { sum } from "./sum.ts";
import { findColumn, findRecord, getColumn, getRecord, tableFind } from "./table-find.ts";
import { tail } from "./tail.ts";
import { timeShift } from "./time-shift.ts";
import { timedMovingAverage } from "./timed-moving-average.ts";
import { startOfUnit, today } from "./today.ts";
import { tripleExponentialDerivative } from "./triple-exponential-derivative.ts";
import { _truncateTimeColumn, truncateTimeColumn } from "./truncate-time-column.ts";
import { union } from "./union.ts";
import { unique } from "./unique.ts";
import { _window, window } from "./window.ts";
import { yieldResult } from "./yield.ts";

export const packageDefinition = definePackage({
  path: "universe",
  docs: "What every script has without an import.",
  members: [
    _fillEmpty,
    _highestOrLowest,
    _hourSelection,
    _sortLimit,
    _truncateTimeColumn,
    _window,
    aggregateWindow,
    boolConversion,
    bottom,
    bytesConversion,
    chandeMomentumOscillator,
    columns,
    contains,
    count,
    cov,
    covariance,
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
    highestAverage,
    highestCurrent,
    highestMax,
    histogram,
    histogramQuantile,
    holtWinters,
    hourSelection,
    hundredth,
    increase,
    inf,
    intConversion,
    integral,
    join,
    kaufmansAMA,
    kaufmansER,
    keep,
    keys,
    keyValues,
    last,
    length,
    limit,
    linearBins,
    logarithmicBins,
    lowestAverage,
    lowestCurrent,
    lowestMin,
    map,
    max,
    mean,
    median,
    min,
    mode,
    movingAverage,
    now,
    pearsonr,
    pivot,
    quantile,
    range,
    reduce,
    relativeStrengthIndex,
    rename,
    sample,
    set,
    skew,
    sort,
    spread,
    startOfUnit,
    stateCount,
    stateDuration,
    stateTracking,
    stddev,
    stringConversion,
    sum,
    tableFind,
    tail,
    timeConversion,
    timedMovingAverage,
    timeShift,
    timeWeightedAvg,
    toBool,
    today,
    toFloat,
    toInt,
    top,
    toString,
    toTime,
    toUInt,
    tripleEMA,
    tripleExponentialDerivative,
    truncateTimeColumn,
    uintConversion,
    union,
    unique,
    vectorizedFloat,
    window,
    yieldResult,
  ],
});
