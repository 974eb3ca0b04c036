/** Node's calls on files that give promises, loaded when they are asked for: most runs need none. */
export const fileSystem = (): typeof import("node:fs/promises") =>
  process.getBuiltinModule("node:fs/promises");
