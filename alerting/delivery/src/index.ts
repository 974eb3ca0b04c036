export { catchUp } from "./catch-up.ts";
export { type Attempt, wallMilliseconds } from "./attempt.ts";
export { classify, classifyFailure, type Verdict } from "./classify.ts";
export {
  type Delivery,
  type DeliveryState,
  type Fallback,
  isUnfinished,
  type JournalEntry,
  type NewDelivery,
  type Reason,
  type StoredRequest,
  unfinished,
} from "./delivery.ts";
export { type Endpoint, freshEndpoint, probeNow } from "./endpoint.ts";
export { Heap } from "./heap.ts";
export {
  begun,
  discarded,
  held,
  mayBecome,
  overtakes,
  recorded,
  released,
  replaceable,
  replaces,
  resumed,
  retried,
  type Step,
  superseded,
} from "./machine.ts";
export { addressRoute, type FallbackOptions, type FallbackRoute, sendLate } from "./fallback.ts";
export { MemoryOutbox } from "./memory-outbox.ts";
export {
  defaultRate,
  hostOf,
  hostOfEndpoint,
  isPage,
  Meter,
  type Rate,
  takeToken,
  urgency,
} from "./rate.ts";
export { type Broken, noteAnswers, rescue, type Rescued, type RescueWorld } from "./rescue.ts";
export { type Form, keysOf, reference, showReference, toReference } from "./references.ts";
export { longestPause, retryAfter } from "./retry.ts";
export {
  runDeliveries,
  type RunDeliveries,
  type RunOptions,
  type RunSummary,
} from "./run-deliveries.ts";
export {
  before,
  choose,
  readyFor,
  longestSettling,
  looksBehind,
  type Queued,
  departure,
  type Settling,
  settlingAfter,
  type Turn,
  turnOf,
} from "./turns.ts";
export { DeliveryMetrics, type MetricsContext } from "./metrics.ts";
export {
  type Destination,
  destinationOf,
  type Facts,
  type Recording,
  type Tracing,
  type Work,
} from "./tracing.ts";
export { Watchdog, type WatchdogOptions } from "./watchdog.ts";
export type { Unwritten } from "./landed.ts";
export type { Observer } from "./observer.ts";
export {
  OutboxGate,
  type OutboxGateOptions,
  type OutboxWorld,
  type RunEnd,
  type Trouble,
} from "./outbox-gate.ts";
export { Sender } from "./sender.ts";
export type { SenderOptions } from "./sender-options.ts";
export { Deference } from "./deference.ts";
export {
  type Change,
  type DeliveryFilter,
  emptyCounts,
  type CensusRow,
  type Expectation,
  type FallbackMark,
  type Hold,
  type Lapsed,
  type LastWriter,
  type LateFilter,
  type OutboxStore,
  type Recorded,
  type RecordOptions,
  StoreError,
  type StoreObserver,
  type StoreFailure,
  type Take,
  type Taken,
} from "./store.ts";
