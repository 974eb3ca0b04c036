import type { Library } from "@tocsin/engine/interpret";
export { libraryDocs, librarySignatures, type PackageDocs } from "./library-signatures.ts";
import { packages } from "./packages.ts";

/** The standard library: loads a package's code when a script first imports it. */
export const standardLibrary: Library = {
  load: (path) =>
    Object.hasOwn(packages, path)
      ? packages[path]().then((module) => module.packageDefinition)
      : undefined,
  paths: Object.keys(packages).sort(),
  prelude: ["internal/boolean", "internal/location", "universe", "influxdata/influxdb"],
};
