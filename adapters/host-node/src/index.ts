export { randomBytes, randomUuid } from "./chance.ts";
export { systemClock } from "./clock.ts";
export { fileSystem } from "./file-system.ts";
export { filesTimedBy } from "./files.ts";
export { isLoopback, networkHttp } from "./http.ts";
export { collectGarbage, defaultMemory } from "./memory.ts";
export { nodeHost, type NodeHost, type NodeHostOptions } from "./node-host.ts";
export { secretsFrom } from "./secrets.ts";
export { startTimer } from "./timer.ts";
