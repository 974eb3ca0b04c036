import type { PackageSignatures, Signatures } from "@tocsin/language/semantic";

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
  return {
    package: (path) => (Object.hasOwn(stored.packages, path) ? stored.packages[path] : undefined),
    paths: () => Object.keys(stored.packages),
    prelude: stored.prelude,
  };
}
