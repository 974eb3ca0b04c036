import { createServer, type Server, type Socket } from "node:net";
import { PGlite } from "@electric-sql/pglite";

/** What a client asks first when it would like TLS. */
const TLS_REQUEST = 80_877_103;

/** PostgreSQL itself, made to run in this process, behind its wire protocol. */
export interface PostgresServer {
  readonly port: number;
  close(): Promise<void>;
}

/** One session at a time, as `tocsin` needs it; whoever comes in another time finds its tables. */
export async function startPostgres(): Promise<PostgresServer> {
  const engine = await PGlite.create();
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<unknown>): Promise<unknown> => (turn = turn.then(work, work));
  const server = createServer((socket) => serve(engine, socket, inTurn));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: portOf(server),
    close: async () => {
      await new Promise((resolve) => server.close(resolve));
      await engine.close();
    },
  };
}

function serve(
  engine: PGlite,
  socket: Socket,
  inTurn: (work: () => Promise<unknown>) => Promise<unknown>,
): void {
  let begun = false;
  let rest: Buffer = Buffer.alloc(0);
  const answer = async (message: Buffer): Promise<void> => {
    if (message.toString("latin1", 0, 1) === "X") socket.end();
    else socket.write(await engine.execProtocolRaw(message));
  };
  socket.on("data", (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const size = begun ? sizeOf(rest, 1) : sizeOf(rest, 0);
      if (rest.length < size) return;
      const message = rest.subarray(0, size);
      rest = rest.subarray(size);
      if (!begun && message.readInt32BE(4) === TLS_REQUEST) socket.write("N");
      else {
        begun = true;
        inTurn(() => answer(message)).catch(() => void socket.destroy());
      }
    }
  });
  socket.on("error", () => socket.destroy());
  // A server forgets a session that ends; the engine has only one.
  socket.on("close", () => {
    inTurn(async () => {
      await engine.exec("ROLLBACK");
      await engine.exec("DISCARD ALL");
    }).catch(() => undefined);
  });
}

/** Bytes of a message whose length is at `at`; endless while that has not come. */
const sizeOf = (bytes: Buffer, at: number): number =>
  bytes.length < at + 4 ? Infinity : at + bytes.readInt32BE(at);

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("the server does not listen");
}
