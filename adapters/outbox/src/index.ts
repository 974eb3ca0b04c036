export { backupOutbox, hasOutbox, openSqliteOutbox, outboxPath } from "./open.ts";
export { lookIntoOutbox } from "./reading.ts";
export type { SqliteOptions } from "./sqlite-outbox.ts";
export { type OutboxSalvage, salvageOutbox } from "./salvage.ts";
