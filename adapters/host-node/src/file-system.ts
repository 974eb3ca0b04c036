/** Node's asynchronous file functions, loaded on demand: most runs need none. */
export const fileSystem = (): typeof import("node:fs/promises") =>
  process.getBuiltinModule("node:fs/promises");
