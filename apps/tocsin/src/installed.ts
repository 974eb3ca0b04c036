import { commandLine } from "./command-line.ts";
import { leave } from "./leave.ts";

/** What an installed command line does; `done` is called when all is said. */
export async function run(done: () => void): Promise<void> {
  const code = await commandLine();
  done();
  leave(code);
}
