export { backupOutbox, hasOutbox, openSqliteOutbox, outboxPath } from "./open.ts";
export type { SqliteOptions } from "./sqlite-outbox.ts";
export { type OutboxSalvage, salvageOutbox } from "./salvage.ts";
