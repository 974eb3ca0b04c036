import { commandLine } from "./command-line.ts";
import { leave } from "./leave.ts";

// Runs the sources; the installed command line begins in `launcher.ts`.
leave(await commandLine());
