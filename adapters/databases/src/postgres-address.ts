import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { DatabaseError } from "@tocsin/platform/host";

/** Where a PostgreSQL server is, and how to connect to it. What is undefined comes from the environment (`PGHOST` …). */
interface PostgresAddress {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  /** `optional`: if the server supports it. */
  readonly tls: "never" | "optional" | ConnectionOptions;
}

/** Reads a data source name: a URL, or words such as `host=a dbname=b password='c d'`. */
export function postgresAddress(name: string): PostgresAddress {
  const words = /^postgres(?:ql)?:\/\//u.test(name) ? ofUrl(name) : ofWords(name);
  const port = words.get("port");
  if (port !== undefined && !/^\d{1,5}$/u.test(port))
    throw new DatabaseError(`the port of a data source should be a number, but is "${port}"`);
  return {
    host: words.get("host"),
    port: port === undefined ? undefined : Number(port),
    user: words.get("user"),
    password: words.get("password"),
    database: words.get("dbname"),
    tls: tlsOf(words),
  };
}

function ofUrl(name: string): Map<string, string> {
  try {
    return partsOf(new URL(name));
  } catch {
    throw new DatabaseError(
      "the data source name is not a URL",
      "for instance postgres://user:password@host:5432/name; escape special characters of a password, as in %40",
    );
  }
}

/** The parts of a URL. Throws for a malformed escape. */
function partsOf(url: URL): Map<string, string> {
  const parts = {
    host: url.hostname.replace(/^\[|\]$/gu, ""),
    port: url.port,
    user: url.username,
    password: url.password,
    dbname: url.pathname.slice(1),
  };
  const given = Object.entries(parts).filter(([, text]) => text !== "");
  return new Map([
    ...given.map(([key, text]) => [key, decodeURIComponent(text)] as const),
    ...url.searchParams,
  ]);
}

function ofWords(name: string): Map<string, string> {
  const words = new Map<string, string>();
  const pattern = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s']\S*|))(?=\s|$)/uy;
  while (pattern.lastIndex < name.trimEnd().length) {
    const found = pattern.exec(name);
    if (found === null)
      throw new DatabaseError(
        "the data source name cannot be understood",
        "for instance postgres://user@host:5432/name, or host=… user=… dbname=…",
      );
    words.set(found[1], (found[2] ?? found[3]).replaceAll(/\\(.)/gu, "$1"));
  }
  return words;
}

/** TLS as in libpq: the identity of the server is checked only for `verify-ca` and `verify-full`. */
function tlsOf(words: ReadonlyMap<string, string>): PostgresAddress["tls"] {
  const root = words.get("sslrootcert");
  const ca = root === undefined ? {} : { ca: readFileSync(root, "utf8") };
  const mode = words.get("sslmode") ?? "prefer";
  switch (mode) {
    case "disable":
      return "never";
    case "allow":
    case "prefer":
      return "optional";
    case "require":
      return { rejectUnauthorized: root !== undefined, ...ca };
    case "verify-ca":
      return { rejectUnauthorized: true, checkServerIdentity: () => undefined, ...ca };
    case "verify-full":
      return { rejectUnauthorized: true, ...ca };
    default:
      throw new DatabaseError(
        `there is no sslmode "${mode}"`,
        "it is disable, allow, prefer, require, verify-ca or verify-full",
      );
  }
}
