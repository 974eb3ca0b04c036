import { main } from "./main.ts";
import { outputs, type Sink } from "./output.ts";

/** Runs what the process was called with. Resolves when all that was written has left, with the exit code. */
export async function commandLine(): Promise<number> {
  // A reader that goes away (`tocsin run … | head`) is no error of ours, and the pages still leave.
  let unwritable: NodeJS.ErrnoException | undefined;
  const { out, err } = outputs();
  out.on("error", (error) => {
    if (error.code !== "EPIPE") unwritable ??= error;
  });
  // A message that nobody can read changes nothing, neither what is sent nor how it ends.
  err.on("error", () => undefined);
  const streams = { out, err, env: process.env, cwd: process.cwd() };
  const code = await main(process.argv.slice(2), streams);
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
async function written(sink: Sink): Promise<void> {
  await new Promise<void>((resolve) => sink.write("", resolve));
}
