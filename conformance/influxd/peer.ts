import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

/** A running influxd of one's own, on a free port of this machine. */
export interface Peer {
  readonly url: string;
  readonly token: string;
  readonly org: string;
  write(lines: string): Promise<void>;
  /** The answer as annotated CSV; throws what the server says against it. */
  query(flux: string): Promise<Uint8Array>;
  stop(): Promise<void>;
}

/** Starts `influxd` with its data below `folder` and a bucket called `bucket`. */
export async function startPeer(influxd: string, folder: string, bucket: string): Promise<Peer> {
  const port = await freePort();
  mkdirSync(join(folder, "engine"), { recursive: true });
  const running = spawn(
    influxd,
    [
      ["--bolt-path", join(folder, "i.bolt")],
      ["--sqlite-path", join(folder, "i.sqlite")],
      ["--engine-path", join(folder, "engine")],
      ["--http-bind-address", `127.0.0.1:${port}`],
      ["--reporting-disabled"],
    ].flat(),
    { stdio: "ignore" },
  );
  const url = `http://127.0.0.1:${port}`;
  const [org, token] = ["comparison", "comparison-token"];
  await answering(`${url}/health`);
  const setup = { username: "u", password: "password1", org, bucket, token };
  await send(`${url}/api/v2/setup`, JSON.stringify(setup), {});
  const headers = { Authorization: `Token ${token}` };
  return {
    url,
    token,
    org,
    write: async (lines) => {
      await send(`${url}/api/v2/write?org=${org}&bucket=${bucket}`, lines, headers);
    },
    query: (flux) => {
      const dialect = { annotations: ["datatype", "group", "default"] };
      const body = JSON.stringify({ query: flux, dialect });
      return send(`${url}/api/v2/query?org=${org}`, body, {
        ...headers,
        "Content-Type": "application/json",
      });
    },
    stop: async () => {
      running.kill();
      await once(running, "exit");
    },
  };
}

async function send(
  url: string,
  body: string,
  headers: Record<string, string>,
): Promise<Uint8Array> {
  const answer = await fetch(url, { method: "POST", body, headers });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (!answer.ok) throw new Error(`${answer.status}: ${Buffer.from(bytes).toString("utf8")}`);
  return bytes;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

async function answering(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const fine = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (fine) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("influxd does not answer within 30 seconds");
}
