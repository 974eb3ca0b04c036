import type { PackageSignatures, Signatures } from "@tocsin/language/semantic";

/** Packages of upstream's that are not here: a script that imports one should hear just that. */
const absent: ReadonlySet<string> = new Set([
  "experimental/bigtable",
  "experimental/mqtt",
  "kafka",
  "socket",
]);

interface Stored {
  readonly prelude: readonly string[];
  readonly packages: Readonly<Record<string, PackageSignatures>>;
}

let loaded: Promise<Signatures> | undefined;

/** The types of the whole library as data: reading them loads none of its code. Read once. */
export function librarySignatures(): Promise<Signatures> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Signatures> {
  const stored = (await import("./signatures.json", { with: { type: "json" } }))
    .default as unknown as Stored;
  // The command line's bundle parses a package when it is read.
  const known = new Map<string, PackageSignatures>();
  const read = (path: string): PackageSignatures => {
    const signatures = stored.packages[path];
    known.set(path, signatures);
    return signatures;
  };
  return {
    package: (path) =>
      known.get(path) ?? (Object.hasOwn(stored.packages, path) ? read(path) : undefined),
    paths: () => Object.keys(stored.packages),
    prelude: stored.prelude,
    absent,
  };
}

/** What is written about a package and its members. */
export interface PackageDocs {
  readonly docs: string;
  /** `example` is a script that runs. */
  readonly values: Readonly<Record<string, { readonly docs: string; readonly example?: string }>>;
}

let docs: Promise<Readonly<Record<string, PackageDocs>>> | undefined;

/** The docs of the whole library by import path. Apart from the types, as no run needs them. */
export function libraryDocs(): Promise<Readonly<Record<string, PackageDocs>>> {
  docs ??= import("./docs.json", { with: { type: "json" } }).then(
    (module) => module.default as unknown as Readonly<Record<string, PackageDocs>>,
  );
  return docs;
}
