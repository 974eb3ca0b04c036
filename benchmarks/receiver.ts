import { createServer } from "node:http";

/** A stand-in for On-Call that accepts everything and keeps the bodies. */
export interface Receiver {
  readonly origin: string;
  /** Milliseconds until it answers. */
  latency: number;
  /** When the first request came in (`performance.now`). */
  readonly firstAt: number | undefined;
  /** The bodies since the last call, sorted. */
  take(): string[];
  close(): void;
}

/** Starts one on a free port. */
export async function startReceiver(): Promise<Receiver> {
  let bodies: string[] = [];
  let firstAt: number | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    firstAt ??= performance.now();
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      bodies.push(Buffer.concat(chunks).toString("utf8"));
      const answer = (): void =>
        void response
          .writeHead(200, { "Content-Type": "application/json" })
          .end('{"result":"success","entity_id":"x"}');
      if (receiver.latency > 0) setTimeout(answer, receiver.latency);
      else answer();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const receiver: Receiver = {
    origin: `http://127.0.0.1:${port}`,
    latency: 0,
    get firstAt() {
      return firstAt;
    },
    take: () => {
      const taken = bodies.sort();
      bodies = [];
      return taken;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return receiver;
}
