import { commandLine } from "./command-line.ts";
import { leave } from "./leave.ts";

/** Runs the installed command line. `done` is called with the exit code when everything is written. */
export async function run(done: (code: number) => void): Promise<void> {
  const code = await commandLine();
  done(code);
  leave(code);
}
