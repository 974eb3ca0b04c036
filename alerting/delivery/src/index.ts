export {
  type Delivery,
  type DeliveryState,
  type JournalEntry,
  type NewDelivery,
  type Reason,
  type StoredRequest,
  unfinished,
} from "./delivery.ts";
export type { Endpoint } from "./endpoint.ts";
export {
  type Change,
  type Claim,
  type DeliveryFilter,
  type Expectation,
  type OutboxStore,
  type Recorded,
  StoreError,
  type StoreFailure,
} from "./store.ts";
