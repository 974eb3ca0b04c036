export { check, type Checked, type CheckOptions } from "./check.ts";
export { type Resolved, type TypedName, TypedProgram } from "./check.ts";
export { semanticCodes } from "./codes.ts";
export { type Near, nearest } from "./near.ts";
export type { PackageSignatures, Signatures, ValueSignature } from "./signatures.ts";
