export {
  backupOutbox,
  hasOutbox,
  openSqliteOutbox,
  outboxPath,
  type SqliteOptions,
} from "./sqlite-outbox.ts";
export { type OutboxSalvage, salvageOutbox } from "./salvage.ts";
