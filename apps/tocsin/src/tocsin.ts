import { commandLine, leave } from "./command-line.ts";

// From the sources; what is installed begins in `launcher.ts`.
leave(await commandLine(() => import("./main.ts")));
