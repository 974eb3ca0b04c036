export { History } from "./history.ts";
export { MemoryBuckets } from "./memory.ts";
export { type BucketPlaces, openBuckets } from "./open.ts";
export { OverlayBuckets } from "./overlay.ts";
export type { WritableBuckets } from "./routed.ts";
export type { RefusedLine, WriteOptions, WriteReport } from "./write-stream.ts";
