import type { Databases } from "@tocsin/platform/host";

/** Databases whose code is loaded when a script queries one. `readOnly`: nothing is changed in them. */
export function lateDatabases(options: { readonly readOnly: boolean }): Databases {
  const opened = async (): Promise<Databases> => {
    const { openDatabases } = await import("@tocsin/adapters/databases");
    return openDatabases(options);
  };
  return {
    query: async function* (...asked) {
      yield* (await opened()).query(...asked);
    },
    insert: async (...asked) => (await opened()).insert(...asked),
  };
}
