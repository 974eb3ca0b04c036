export { hasOutbox, openSqliteOutbox, outboxPath, type SqliteOptions } from "./sqlite-outbox.ts";
