export { openDatabases } from "./open.ts";
