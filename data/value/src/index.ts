export {
  addDuration,
  type CivilDate,
  civilDate,
  type ClockTime,
  clockTime,
  dayOf,
  daysFromCivil,
  daysInMonth,
  floorModulo,
  isoWeek,
  quarter,
  weekDay,
  yearDay,
} from "./calendar.ts";
export {
  approximateNanoseconds,
  compareDurations,
  type Duration,
  durationOfParts,
  type DurationPart,
  equalDurations,
  formatDuration,
  isMixedDuration,
  isZeroDuration,
  monthDuration,
  nanosecondDuration,
  negateDuration,
  parseDuration,
  scaleDuration,
  zeroDuration,
} from "./duration.ts";
export { type ErrorCode, errorCodes, FluxError, invalid } from "./error.ts";
export { displayFloat, formatFloat, jsonFloat, writeFloat } from "./float-format.ts";
export { type FloatSlot, parseFloat64, parseFloatBytes } from "./float-text.ts";
export type {
  CallSite,
  Closure,
  Effect,
  FunctionValue,
  Location,
  Native,
  Parameter,
  RawForm,
  SourceFile,
} from "./function.ts";
export {
  containsAny,
  countOf,
  indexOf as textIndexOf,
  indexOfAny,
  isDigit,
  isLetter,
  isLower,
  isUpper,
  lastIndexOf,
  lastIndexOfAny,
  replace,
  split,
  splitAfter,
  trim,
  trimLeft,
  trimPrefix,
  trimRight,
  trimSpace,
  trimSuffix,
} from "./go-text.ts";
export {
  floatToInt,
  floatToUint,
  int64Max,
  int64Min,
  type NumberFault,
  parseInt64,
  parseUint64,
  uint64Max,
  wrapInt,
  wrapUint,
} from "./int64.ts";
export {
  parseIntBytes,
  parseUintBytes,
  type WordSlot,
  writeInt64,
  writeUint64,
} from "./int64-text.ts";
export { type Json, type JsonFault, type JsonOptions, jsonString, parseJson } from "./json-text.ts";
export { compileRegexp, type MatchRange, quoteMeta, Regexp, type RegexpFault } from "./regexp.ts";
export { loadRegexps } from "./regexp-engine.ts";
export { type Cell, type PackageValue, Scope } from "./scope.ts";
export { equalFold, title, toLower, toTitle, toUpper } from "./text-case.ts";
export { formatTime9, formatTimeNano, parseTime, rfc3339, type TimeFault } from "./time-text.ts";
export { TimeReader, TimeWriter } from "./time-text-bytes.ts";
export { parseTimeLayout } from "./time-text-layout.ts";
export { codePointCount, codePointSlice, compareUtf8, utf8Length } from "./utf8-order.ts";
export {
  array,
  type ArrayValue,
  bool,
  boxed,
  bytes,
  type BytesValue,
  type ColumnKind,
  type DictValue,
  duration,
  type DurationValue,
  type DynamicValue,
  FALSE,
  float,
  type FloatValue,
  int,
  type IntValue,
  isColumnKind,
  kindName,
  NULL,
  nullOf,
  type NullValue,
  type Raw,
  record,
  type RecordValue,
  regexp,
  type RegexpValue,
  type ScalarKind,
  type StreamValue,
  string,
  type StringValue,
  time,
  type TimeValue,
  TRUE,
  uint,
  type UintValue,
  unboxed,
  type Value,
  type BoolValue,
} from "./value.ts";
export {
  type Bounds,
  type Window,
  type WindowFault,
  type WindowSpec,
  windowsOf,
} from "./interval.ts";
export {
  addInLocation,
  locationOf,
  type Repeat,
  type TimeLocation,
  wallClock,
  type ZoneFault,
} from "./zone.ts";
