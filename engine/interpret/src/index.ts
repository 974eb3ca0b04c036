export { Arguments } from "./arguments.ts";
export { constant, definePackage, flux, native, option, scalar, transformation } from "./define.ts";
export type {
  Definition,
  FluxDefinition,
  Library,
  NativeDefinition,
  PackageDefinition,
  ValueDefinition,
} from "./definition.ts";
export { type Definitions, interpret } from "./interpreter.ts";
export { PackageInstances } from "./packages.ts";
export type { Program } from "./program.ts";
export type { Run } from "./run.ts";
