import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type * as Bindings from "@duckdb/node-bindings";

/**
 * DuckDB through its C API. The package of objects around that API costs more time to load than the
 * engine itself, a promise for every 2,048 rows, and a check for every cell.
 */
export type Api = typeof Bindings;

let loaded: Api | undefined;
let begun: Promise<Bindings.Database> | undefined;

/** Loads the engine, which weighs 70 MB. */
export async function loadEngine(): Promise<Api> {
  return (loaded ??= addon() ?? (await loadedPackage()));
}

/**
 * Loads the engine and begins an instance, in another thread, before it is known for which store: that
 * takes as long as to load the rest of this program. Whatever is wrong is said by `newInstance`.
 */
export function beginEngine(): void {
  loaded ??= addon();
  if (loaded === undefined || begun !== undefined) return;
  begun = instanceOf(loaded);
  begun.catch(() => undefined);
}

/** An instance without a store. */
export async function newInstance(): Promise<Bindings.Database> {
  const first = begun;
  begun = undefined;
  return first ?? instanceOf(await loadEngine());
}

async function instanceOf(api: Api): Promise<Bindings.Database> {
  const config = api.create_config();
  for (const name of ["autoinstall_known_extensions", "autoload_known_extensions"])
    api.set_config(config, name, "false");
  return api.open(":memory:", config);
}

async function loadedPackage(): Promise<Api> {
  const found = await import("@duckdb/node-bindings");
  // A CommonJS module that names no exports: they are all in `default`.
  return (found as unknown as { default: Api }).default;
}

/**
 * The package's addon without the package, which first asks which C library there is: that takes half as
 * long as loading the engine. npm installs the addon for this machine's alone; where there are two, or
 * it is elsewhere, undefined.
 */
function addon(): Api | undefined {
  const require = createRequire(import.meta.filename);
  const name = `@duckdb/node-bindings-${process.platform}-${process.arch}`;
  try {
    if (existsSync(`${dirname(require.resolve(`${name}/duckdb.node`))}-musl`)) return undefined;
    return require(`${name}/duckdb.node`) as Api;
  } catch {
    return undefined;
  }
}
