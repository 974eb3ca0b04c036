import { commandLine } from "./command-line.ts";

// From the sources; what is installed begins in `launcher.ts`.
process.exitCode = await commandLine(() => import("./main.ts"));
