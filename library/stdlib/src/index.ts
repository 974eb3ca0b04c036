import type { Library, PackageDefinition } from "@tocsin/engine/interpret";
export { libraryDocs, librarySignatures, type PackageDocs } from "./library-signatures.ts";
import { packages } from "./packages.ts";

/** Packages that were imported: a process that runs a script often asks for them in each run. */
const loaded = new Map<string, Promise<PackageDefinition>>();

/** The standard library: loads a package's code when a script first imports it. */
export const standardLibrary: Library = {
  load: (path) => {
    const known = loaded.get(path);
    if (known !== undefined || !Object.hasOwn(packages, path)) return known;
    const loading = packages[path]().then((module) => module.packageDefinition);
    loaded.set(path, loading);
    return loading;
  },
  paths: Object.keys(packages).sort(),
  prelude: ["internal/boolean", "internal/location", "universe", "influxdata/influxdb"],
};
