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
  await new Promise((resolve) => out.write("", resolve));
  if (unwritable === undefined) return code;
  const full = unwritable.code === "ENOSPC" ? "the disk is full" : unwritable.message;
  err.write(`tocsin: cannot write to standard output: ${full}\n`);
  return code === 2 ? code : 1;
}

/**
 * Ends with a code, when nothing is left to do. A name that no server resolves keeps a thread of the system
 * for ten seconds and more; nothing can break that off, and an ordinary end waits for it. Then the process
 * turns into one that ends at once.
 */
export function leave(code: number): void {
  process.exitCode = code;
  const resolving = process.getActiveResourcesInfo().includes("GetAddrInfoReqWrap");
  if (resolving && process.platform !== "win32")
    process.execve?.("/bin/sh", ["sh", "-c", `exit ${code}`], {});
}
