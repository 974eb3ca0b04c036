import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";

/** A request as the stand-in saw it. */
interface Seen {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  /** The Flux text that was sent. */
  readonly query: string;
}

/** A stand-in for an InfluxDB 2 server's /api/v2/query, which answers as it is told. */
export interface ServerDouble {
  readonly url: string;
  readonly seen: readonly Seen[];
  /** Resolves when the next request has come. */
  asked(): Promise<void>;
  close(): Promise<void>;
}

/** Answers each request with `answer`; it may write a part, end, break off, or do nothing. */
export async function serverDouble(
  answer: (response: ServerResponse) => void,
): Promise<ServerDouble> {
  const seen: Seen[] = [];
  let told: () => void = () => undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { query: string };
      seen.push({ url: request.url ?? "", headers: request.headers, query: body.query });
      answer(response);
      told();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    asked: () => new Promise((resolve) => (told = resolve)),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
