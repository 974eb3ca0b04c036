import { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import {
  DatabaseError,
  type Signal,
  type SqlCell,
  type SqlColumn,
  type SqlRows,
} from "@tocsin/platform/host";
import pg from "pg";
import { checkEnded, type Driver, PIECE_ROWS } from "./driver.ts";
import { postgresAddress } from "./postgres-address.ts";
import { createTable, insertInto, timeOf, timeText } from "./sql-text.ts";

const CONNECT_MILLISECONDS = 10_000;

/** The most values of one statement: the protocol counts them with 16 bits. */
const MOST_VALUES = 65_535;

const types = {
  bool: "BOOL",
  int: "BIGINT",
  uint: "BIGINT",
  float: "FLOAT",
  string: "TEXT",
  time: "TIMESTAMP",
};

/** Kinds by the object ids of PostgreSQL's types. All other types are text as the server writes it. */
const kinds: Readonly<Record<number, SqlColumn["kind"]>> = {
  16: "bool",
  20: "int",
  21: "int",
  23: "int",
  26: "int",
  700: "float",
  701: "float",
  1082: "time",
  1114: "time",
  1184: "time",
};

/** PostgreSQL. A data source is a URL, or `key=value` words as libpq takes them. */
export const postgres: Driver = {
  query: async function* (name, statement, { readOnly, signal }) {
    const { fields, rows } = await connected(name, signal, async (client) => {
      if (readOnly) await client.query("SET default_transaction_read_only = on");
      const asked: pg.QueryArrayConfig & { queryMode: "extended" } = {
        text: statement,
        rowMode: "array",
        // Only so are several statements an error.
        queryMode: "extended",
      };
      return client.query<(string | null)[]>(asked);
    });
    const columns = fields.map((field) => ({
      label: field.name,
      kind: kinds[field.dataTypeID] ?? "string",
    }));
    for (let from = 0; from === 0 || from < rows.length; from += PIECE_ROWS) {
      const piece = rows.slice(from, from + PIECE_ROWS);
      yield { columns, rows: piece.map((row) => row.map((text, i) => cellOf(text, columns[i]))) };
      await setImmediate();
      checkEnded(signal);
    }
  },
  insert: (name, table, pieces, signal) =>
    connected(name, signal, async (client) => {
      await client.query("BEGIN");
      for (const piece of pieces) await insertPiece(client, table, piece);
      await client.query("COMMIT");
    }),
};

async function insertPiece(client: pg.Client, table: string, piece: SqlRows): Promise<void> {
  const { columns, rows } = piece;
  if (rows.length === 0) return;
  await client.query(createTable(table, columns, types));
  const most = Math.max(1, Math.floor(MOST_VALUES / columns.length));
  for (let from = 0; from < rows.length; from += most) {
    const some = rows.slice(from, from + most);
    let value = 0;
    const marks = some.map((row) => `(${row.map(() => `$${++value}`).join(",")})`);
    const values = some.flatMap((row) => row.map((cell, i) => valueOf(cell, columns[i])));
    await client.query(insertInto(table, columns) + marks.join(","), values);
  }
}

function valueOf(cell: SqlCell, { kind }: SqlColumn): SqlCell {
  return typeof cell === "bigint" && kind === "time" ? timeText(cell) : cell;
}

function cellOf(text: string | null, { label, kind }: SqlColumn): SqlCell {
  if (text === null) return null;
  switch (kind) {
    case "bool":
      return text === "t";
    case "int":
      return BigInt(text);
    case "float":
      return Number(text);
    case "time":
      return timeOf(text, label);
    default:
      return text;
  }
}

/** Does work with a connection, which is closed after it, and at once when the run ends. */
async function connected<T>(
  name: string,
  signal: Signal | undefined,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  checkEnded(signal);
  let socket: Socket | undefined;
  const stop = (): void => void socket?.destroy();
  signal?.addEventListener("abort", stop, { once: true });
  let client: pg.Client | undefined;
  try {
    client = await connect(name, () => (socket = new Socket()));
    return await work(client);
  } catch (error) {
    checkEnded(signal);
    throw inWords(error);
  } finally {
    signal?.removeEventListener("abort", stop);
    await client?.end().catch(() => undefined);
  }
}

async function connect(name: string, stream: () => Socket): Promise<pg.Client> {
  const { tls, ...address } = postgresAddress(name);
  const ways =
    tls === "optional" ? [{ rejectUnauthorized: false }, false] : [tls === "never" ? false : tls];
  for (const ssl of ways) {
    const client = new pg.Client({
      ...address,
      ssl,
      stream,
      connectionTimeoutMillis: CONNECT_MILLISECONDS,
      application_name: "tocsin",
      options: "-c datestyle=ISO -c timezone=UTC",
      types: { getTypeParser: () => (text: string) => text },
    });
    // Without a listener a connection that breaks between two queries would end the process.
    client.on("error", () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      const noTls = error instanceof Error && /does not support SSL/u.test(error.message);
      if (!noTls || ssl === ways.at(-1)) throw error;
    }
  }
  throw new DatabaseError("PostgreSQL cannot be reached");
}

function inWords(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DatabaseError) return error;
  const { code } = error as NodeJS.ErrnoException;
  // When all addresses of a host failed, only their single errors have a message.
  const words = error.message === "" ? String(code) : error.message;
  return new DatabaseError(
    `PostgreSQL says: ${words}`,
    code === "ECONNREFUSED" ? "is the server running, and on this port?" : undefined,
    error,
  );
}
