import { createReadStream } from "node:fs";
import { FileError, type Files } from "@tocsin/platform/host";

/** The machine's files; `-` is standard input. */
export const systemFiles: Files = {
  async *read(path, signal) {
    const source =
      path === "-" ? process.stdin : createReadStream(path, { highWaterMark: 256 * 1024 });
    const stop = () => source.destroy();
    signal?.addEventListener("abort", stop);
    try {
      for await (const chunk of source) {
        yield typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Uint8Array);
      }
    } catch (error) {
      throw new FileError(path, `cannot read ${path}: ${reason(error)}`);
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  },
};

function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
      return "no such file";
    case "EISDIR":
      return "it is a folder, and a file is needed here";
    case "EACCES":
    case "EPERM":
      return "permission denied; may this user read it?";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
