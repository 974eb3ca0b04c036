import { main } from "./main.ts";

const streams = { out: process.stdout, err: process.stderr, env: process.env, cwd: process.cwd() };

// A reader that goes away (`tocsin run … | head`) is no error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
});

process.exitCode = await main(process.argv.slice(2), streams);
