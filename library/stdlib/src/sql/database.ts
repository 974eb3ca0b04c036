import { FluxError, invalid } from "@tocsin/data/value";
import type { Arguments, Run } from "@tocsin/engine/interpret";
import { DatabaseError, type Databases, type DataSource, type Host } from "@tocsin/platform/host";

/** The database that a call names. What of its name may be a password is kept a secret. */
export function sourceOf(args: Arguments, run: Run): DataSource {
  const [driver, name] = [args.string("driverName"), args.string("dataSourceName")];
  for (const [argument, text] of Object.entries({ driverName: driver, dataSourceName: name }))
    if (text === "") throw invalid(`${args.function}: ${argument} is empty`);
  for (const password of passwordsIn(name)) run.addSecret("password of a database", password);
  return { driver, name };
}

/** Of `postgres://user:password@host/…`, `host=… password='…'` and `…?password=…`. */
function passwordsIn(name: string): string[] {
  const found = [
    /^[^/?#]*\/\/[^:@/?#]*:([^@/?#]+)@/u.exec(name)?.[1],
    /\bpassword\s*=\s*'((?:[^'\\]|\\.)*)'/u.exec(name)?.[1],
    /\bpassword\s*=\s*([^'\s&][^\s&]*)/u.exec(name)?.[1],
  ];
  return found.filter((one) => one !== undefined);
}

/** The databases of a host. */
export function databasesOf(host: Host): Databases {
  if (host.databases !== undefined) return host.databases;
  throw new FluxError("unimplemented", "sql: databases cannot be asked here");
}

/** An error of a database as one of the call `name`; others go on as they are. */
export function asSqlError(name: string, error: unknown): unknown {
  if (!(error instanceof DatabaseError)) return error;
  const { message, hint, cause } = error;
  return new FluxError("invalid", `${name}: ${message}`, { hint, cause });
}

/** How a plan shows a database: its name may hold a password. */
export const shown = ({ driver }: DataSource): string => `${driver} database`;
