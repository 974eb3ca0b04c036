import type { main } from "./main.ts";

/**
 * Runs what the process was called with. `loadMain`: where the code comes from. Resolves when all that
 * was written has left, with the exit code.
 */
export async function commandLine(
  loadMain: () => Promise<{ readonly main: typeof main }>,
): Promise<number> {
  // A reader that goes away (`tocsin run … | head`) is no error of ours, and the pages still leave.
  let unwritable: NodeJS.ErrnoException | undefined;
  const { stdout: out, stderr: err, env } = process;
  out.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") unwritable ??= error;
  });
  const { main: run } = await loadMain();
  const code = await run(process.argv.slice(2), { out, err, env, cwd: process.cwd() });
  // What was written last fails after it was written.
  await written(out);
  if (unwritable !== undefined) {
    const full = unwritable.code === "ENOSPC" ? "the disk is full" : unwritable.message;
    err.write(`tocsin: cannot write to standard output: ${full}\n`);
  }
  await written(err);
  return unwritable === undefined || code === 2 ? code : 1;
}

/** Resolves when all that was written to a stream has left, or cannot. */
async function written(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise((resolve) => stream.write("", resolve));
}

/**
 * Ends with a code, at once: nothing is left to do, and to take V8 down piece by piece takes milliseconds.
 * A name that no server resolves keeps a thread of the system for ten seconds and more; nothing can break
 * that off, and the end of a process waits for it. Then the process turns into one that ends at once.
 */
export function leave(code: number): void {
  const resolving = process.getActiveResourcesInfo().includes("GetAddrInfoReqWrap");
  if (resolving && process.platform !== "win32")
    process.execve?.("/bin/sh", ["sh", "-c", `exit ${code}`], {});
  process.exit(code);
}
