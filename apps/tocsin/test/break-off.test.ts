import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { breakOff } from "../src/break-off.ts";

/** Both ends of a connection, the server's first. */
async function pair(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const accepted = once(server, "connection");
  const client = connect(address.port, "127.0.0.1");
  const [socket] = (await accepted) as [Socket];
  server.close();
  return [socket, client];
}

test("a connection is broken off with a reset", async () => {
  const [socket, client] = await pair();
  const failed = once(client, "error");
  breakOff(socket);
  const [error] = (await failed) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNRESET");
});

test("one that is being ended is closed all the same", async () => {
  const [socket, client] = await pair();
  const closed = once(socket, "close");
  client.resume();
  socket.end("the rest");
  breakOff(socket);
  await closed;
  expect(socket.destroyed).toBe(true);
});
