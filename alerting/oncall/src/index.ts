export { deadEnd, onCallAddress, type OnCallAddress, restVersion } from "./address.ts";
export type {
  Answer,
  Deliveries,
  Dispatch,
  OutgoingRequest,
  Settlement,
  SettlementState,
} from "./deliveries.ts";
export { effectiveType, limits, type MessageType, messageTypes, parseEvent } from "./event.ts";
export { type EventWords, eventWords } from "./event-words.ts";
export { htmlSafe, pathSegment } from "./escapes.ts";
export { mask, Masker } from "./masker.ts";
export { type Incident, OnCall, type Outcome, type Receipt, wordsOf } from "./model.ts";
export {
  eventOf,
  type RecordedRequest,
  recordingDeliveries,
  type RecordingDeliveries,
} from "./recording.ts";
