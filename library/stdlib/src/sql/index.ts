import { definePackage } from "@tocsin/engine/interpret";
import { from } from "./from.ts";
import { to } from "./to.ts";

export const packageDefinition = definePackage({
  path: "sql",
  docs: "Reads and writes SQL databases: SQLite and PostgreSQL.",
  members: [from, to],
});
