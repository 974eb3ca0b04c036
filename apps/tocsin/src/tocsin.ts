import { commandLine } from "./command-line.ts";
import { leave } from "./leave.ts";

// From the sources; what is installed begins in `launcher.ts`.
leave(await commandLine());
