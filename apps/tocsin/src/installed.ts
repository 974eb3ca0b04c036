import { commandLine } from "./command-line.ts";
import { leave } from "./leave.ts";

/** What an installed command line does; `done` is called with its exit code when all is said. */
export async function run(done: (code: number) => void): Promise<void> {
  const code = await commandLine();
  done(code);
  leave(code);
}
