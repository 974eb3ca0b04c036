export { MemoryBuckets } from "./memory.ts";
export { type BucketPlaces, openBuckets } from "./open.ts";
