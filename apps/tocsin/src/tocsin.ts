import { enableCompileCache } from "node:module";

// The code that V8 makes of the bundle is kept beside it, or in the folder for temporary files where
// nobody may write there. Only what is loaded from here on profits, so nothing is loaded before.
if (!import.meta.filename.endsWith(".ts")) {
  const { directory } = enableCompileCache(`${import.meta.dirname}/.cache`);
  if (directory === undefined) enableCompileCache();
}

// A reader that goes away (`tocsin run … | head`) is no error of ours, and the pages still leave.
let unwritable: NodeJS.ErrnoException | undefined;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") unwritable ??= error;
});

const streams = { out: process.stdout, err: process.stderr, env: process.env, cwd: process.cwd() };

// Not awaited at the top: that cannot be bundled as CommonJS, which starts sooner.
void import("./main.ts").then(async ({ main }) => {
  const code = await main(process.argv.slice(2), streams);
  // What was written last fails after it was written.
  await new Promise((resolve) => process.stdout.write("", resolve));
  if (unwritable !== undefined) {
    const full = unwritable.code === "ENOSPC" ? "the disk is full" : unwritable.message;
    process.stderr.write(`tocsin: cannot write to standard output: ${full}\n`);
  }
  process.exitCode = unwritable === undefined || code === 2 ? code : 1;
});
