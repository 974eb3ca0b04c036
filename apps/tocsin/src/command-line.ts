import { main } from "./main.ts";
import { outputs, type Sink } from "./output.ts";

/** Runs the arguments of this process. Resolves with the exit code when everything is written. */
export async function commandLine(): Promise<number> {
  // A reader that goes away (`tocsin run … | head`) is not an error, and pages still leave.
  let unwritable: NodeJS.ErrnoException | undefined;
  const { out, err } = outputs();
  out.on("error", (error) => {
    if (error.code !== "EPIPE") unwritable ??= error;
  });
  // A message that nobody can read changes nothing, neither what is sent nor how it ends.
  err.on("error", () => undefined);
  const streams = { out, err, env: process.env, cwd: process.cwd() };
  const code = await main(process.argv.slice(2), streams);
  // The last write may fail after it was made.
  await written(out);
  if (unwritable !== undefined) {
    const full = unwritable.code === "ENOSPC" ? "the disk is full" : unwritable.message;
    err.write(`tocsin: cannot write to standard output: ${full}\n`);
  }
  await written(err);
  return unwritable === undefined || code === 2 ? code : 1;
}

/** Resolves when everything given to a sink has been written, or cannot be. */
async function written(sink: Sink): Promise<void> {
  await new Promise<void>((resolve) => sink.write("", resolve));
}
