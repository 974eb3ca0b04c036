import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { FileParts } from "@tocsin/platform/host";

/** Opens a plain file to read parts of it; undefined when it is none, or cannot be opened. */
export function fileParts(path: string): FileParts | undefined {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return undefined;
  }
  const stat = fstatSync(file);
  if (!stat.isFile()) {
    closeSync(file);
    return undefined;
  }
  return {
    size: stat.size,
    read(at, into) {
      let size = 0;
      while (size < into.length) {
        const count = readSync(file, into, size, into.length - size, at + size);
        if (count === 0) break;
        size += count;
      }
      return size;
    },
    close: () => closeSync(file),
  };
}
