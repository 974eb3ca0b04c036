import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { Worker } from "node:worker_threads";
import { type AddressInfo, createServer as createSocketServer, type Socket } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, expect, test, vi } from "vitest";
import { networkHttp } from "@tocsin/adapters/host-node";
import { type Http, HttpError, type HttpRequest, utf8 } from "@tocsin/platform/host";

const closers: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

function client(environment: Record<string, string> = {}): Http {
  const http = networkHttp(environment);
  closers.push(() => http.close());
  return http;
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function serving(listener: RequestListener): Promise<string> {
  return listening(createServer(listener));
}

test("an answer that came while the process stood still is read, though its time is over", async () => {
  const serve = `const { parentPort } = require("node:worker_threads");
    const server = require("node:http").createServer((request, response) => response.end("there"));
    server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`;
  const worker = new Worker(serve, { eval: true });
  closers.push(() => worker.terminate());
  const port = await new Promise((resolve) => worker.once("message", resolve));
  const http = client();
  const url = `http://127.0.0.1:${String(port)}/`;
  const request = { method: "GET", url, headers: {}, timeoutMilliseconds: 2000 };
  // A connection that is there already, so that the request is sent at once.
  await http.send(request);
  const answer = http.send({ ...request, timeoutMilliseconds: 150 });
  await new Promise((resolve) => setImmediate(resolve));
  // As after SIGSTOP: the timer is due before the answer is looked at.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  expect(utf8.decode((await answer).body)).toBe("there");
});

/** The process's clock, before which it stood for so many seconds. */
function standing(seconds: () => number): void {
  const now = process.hrtime.bind(process);
  const clock = vi.spyOn(process, "hrtime").mockImplementation(() => {
    const [whole, rest] = now();
    return [whole + seconds(), rest];
  });
  closers.push(() => clock.mockRestore());
}

test("a request is not sent when its time went by while the client was loaded", async () => {
  const asked: string[] = [];
  const url = await serving((request, response) => {
    asked.push(request.url ?? "");
    response.end("there");
  });
  const load = process.getBuiltinModule.bind(process);
  let stood = 0;
  // As after SIGSTOP in the middle of loading.
  const loading = vi.spyOn(process, "getBuiltinModule").mockImplementation((id: string) => {
    stood = 18;
    return load(id);
  });
  standing(() => stood);
  closers.push(() => loading.mockRestore());
  const request = { method: "POST", url, headers: {}, timeoutMilliseconds: 10_000 };
  const sent = client().send(request);
  await expect(sent).rejects.toMatchObject({ failure: "timeout", maybeProcessed: false });
  expect([stood, asked]).toEqual([18, []]);
});

async function rawServing(onData: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => onData(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function post(url: string, over: Partial<HttpRequest> = {}): HttpRequest {
  const body = utf8.encode("hello");
  return { method: "POST", url, headers: { "X-A": "b" }, body, timeoutMilliseconds: 5000, ...over };
}

async function failure(sent: Promise<unknown>): Promise<HttpError> {
  const error = await sent.then(
    () => undefined,
    (one: unknown) => one,
  );
  if (error instanceof HttpError) return error;
  throw new Error(`no HttpError: ${String(error)}`);
}

test("sends method, headers and body, and gives the whole answer", async () => {
  const origin = await serving((request, response) => {
    request.setEncoding("utf8");
    let body = "";
    request.on("data", (part: string) => (body += part));
    request.on("end", () => {
      response.writeHead(201, { "Retry-After": "3", "Set-Cookie": ["a=1", "b=2"] });
      const { method, url, headers } = request;
      response.end(`${method} ${url} ${headers["x-a"]} ${headers["authorization"]} ${body}`);
    });
  });
  const url = `${origin.replace("://", "://us%20er:pa@")}/p/q?r=s`;
  const answer = await client().send(post(url));
  const basic = Buffer.from("us er:pa").toString("base64");
  expect(answer.status).toBe(201);
  expect(answer.headers).toMatchObject({ "retry-after": "3", "set-cookie": "a=1, b=2" });
  expect(utf8.decode(answer.body)).toBe(`POST /p/q?r=s b Basic ${basic} hello`);
});

test("requests after each other share a connection", async () => {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => response.end("ok"));
  });
  let connections = 0;
  server.on("connection", () => (connections += 1));
  const origin = await listening(server);
  const http = client();
  for (let i = 0; i < 3; i++) await http.send(post(origin));
  expect(connections).toBe(1);
});

// Of nobody: made for this test.
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQga5vSm1QLj6t8j3sT
mNmVWrUed2l4rftyLIInlW5J7I6hRANCAARIEBOVmO6W8x5fbdLzIvq+L2gDHOw+
4wmCnYgMnCVIp73Jvid+XAl40njtF5XjmMbI1DVD0u5ctQXJNvYivR+B
-----END PRIVATE KEY-----`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUGjrw2y9m4DPlMsY7UsXlw+0i420wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODExMDQyNFoYDzIxMjYxMTA0
MTEwNDI0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARIEBOVmO6W8x5fbdLzIvq+L2gDHOw+4wmCnYgMnCVIp73Jvid+XAl4
0njtF5XjmMbI1DVD0u5ctQXJNvYivR+Bo2kwZzAdBgNVHQ4EFgQUdSj4TddxHaWA
ho9A5vjIl3x+RhIwHwYDVR0jBBgwFoAUdSj4TddxHaWAho9A5vjIl3x+RhIwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIhAItX6Ps4s16Y1ON32iuP2T1Glc3OU69kRSRERuwN5lI0AiBF5QahKrIq
knz8w1Bv3jUVK1n+SAZTtX4UG3SoA63jAA==
-----END CERTIFICATE-----`;

test("a connection that nobody vouches for is refused, unless that is asked for", async () => {
  const server = createSecureServer({ key, cert }, (request, response) => {
    request.on("data", (part: Buffer) => response.end(part));
  });
  let connections = 0;
  server.on("secureConnection", () => (connections += 1));
  const url = `https://localhost:${(await listening(server)).split(":")[2]}/KEY-1`;
  const http = client();
  const error = await failure(http.send(post(url)));
  expect([error.failure, error.maybeProcessed]).toEqual(["tls", false]);
  expect(error.message).not.toContain("KEY-1");
  const before = connections;
  for (let i = 0; i < 2; i++) {
    const answer = await http.send(post(url, { insecureSkipVerify: true }));
    expect([answer.status, utf8.decode(answer.body)]).toEqual([200, "hello"]);
  }
  expect(connections - before).toBe(1);
  expect((await failure(http.send(post(url)))).failure).toBe("tls");
});

test("a connection is not used again when the answer says so, or brought more than itself", async () => {
  let connections = 0;
  const answers = [
    "Connection: close\r\nContent-Length: 1",
    "Content-Length: 0",
    "Content-Length: 1",
  ];
  const origin = await rawServing((socket) => {
    const fields = answers[connections++ % answers.length];
    socket.write(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\nx`);
  });
  const http = client();
  for (let i = 0; i < 3; i++) await http.send(post(origin));
  expect(connections).toBe(3);
});

test("a redirect is an answer, never followed", async () => {
  let visits = 0;
  const origin = await serving((_request, response) => {
    visits += 1;
    response.writeHead(302, { Location: "/elsewhere" }).end();
  });
  expect((await client().send(post(origin))).status).toBe(302);
  expect(visits).toBe(1);
});

test("keeps no more of the answer than asked", async () => {
  const origin = await serving((_request, response) => void response.end("x".repeat(300_000)));
  const { body } = await client().send(post(origin, { bodyLimit: 1000 }));
  expect(body.length).toBe(1000);
});

test("an answer that is compressed without being asked comes as it was written", async () => {
  const text = `{"result":"failure","message":"${"too long ".repeat(200)}"}`;
  const bodies: Record<string, [string, Uint8Array]> = {
    "/gzip": ["gzip", gzipSync(text)],
    "/deflate": ["deflate", deflateSync(text)],
    "/br": ["BR", brotliCompressSync(text)],
    "/cut": ["gzip", gzipSync(text).subarray(0, 60)],
    "/none": ["gzip", utf8.encode("in the clear")],
    "/other": ["zstd", utf8.encode("whatever")],
  };
  const origin = await serving((request, response) => {
    request.resume();
    const path = new URL(request.url ?? "", "http://x").pathname;
    const [coding, body] = bodies[path];
    response.setHeader("Content-Encoding", coding);
    response.end(body);
  });
  const proxied = client({ HTTP_PROXY: origin });
  for (const [http, to] of [
    [client(), origin],
    [proxied, "http://on-call.example"],
  ] as const) {
    const read = async (path: string, over: Partial<HttpRequest> = {}) => {
      const { body, headers } = await http.send(post(to + path, over));
      return [utf8.decode(body), headers["content-encoding"]];
    };
    for (const path of ["/gzip", "/deflate", "/br"])
      expect(await read(path)).toEqual([text, undefined]);
    const [begun = ""] = await read("/gzip", { bodyLimit: 40 });
    expect([text.startsWith(begun), begun.length > 20 && begun.length <= 40]).toEqual([true, true]);
    expect((await read("/cut"))[0]).toContain(text.slice(0, 20));
    expect(await read("/none")).toEqual(["in the clear", "gzip"]);
    expect(await read("/other")).toEqual(["whatever", "zstd"]);
  }
});

test("the time limit is for the whole attempt, also for an answer that trickles", async () => {
  const origin = await serving((_request, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("x"), 20);
    response.on("close", () => clearInterval(timer));
  });
  const error = await failure(client().send(post(origin, { timeoutMilliseconds: 150 })));
  expect([error.failure, error.maybeProcessed]).toEqual(["timeout", true]);
});

test("names what went wrong, whether it may have arrived, and never the address", async () => {
  const closed = await serving((_request, response) => void response.end());
  await closers.pop()?.();
  const reset = await rawServing((socket) => socket.resetAndDestroy());
  const silent = await rawServing((socket) => socket.end());
  const cut = await rawServing((socket) =>
    socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
  );
  const garbage = await rawServing((socket) => socket.end("220 mail.example ESMTP\r\n"));
  const cases: [string, string, boolean][] = [
    [`${closed}/KEY-1`, "refused", false],
    [`${reset}/KEY-1`, "reset", true],
    [`${silent}/KEY-1`, "reset", true],
    [`${cut}/KEY-1`, "truncated", true],
    [`${garbage}/KEY-1`, "other", true],
    [`https${closed.slice(4)}/KEY-1`, "refused", false],
    [`https${garbage.slice(4)}/KEY-1`, "tls", false],
    ["/KEY-1", "invalid-url", false],
    ["ftp://127.0.0.1/KEY-1", "invalid-url", false],
  ];
  const http = client();
  for (const [url, wanted, maybe] of cases) {
    const error = await failure(http.send(post(url)));
    expect([url, error.failure, error.maybeProcessed]).toEqual([url, wanted, maybe]);
    expect(error.message).not.toContain("KEY-1");
    expect(error.message).not.toContain("127.0.0.1");
  }
});

test("stops when it is asked to, before and during the request", async () => {
  const origin = await serving(() => undefined);
  const controller = new AbortController();
  const sent = failure(client().send(post(origin), controller.signal));
  controller.abort();
  expect((await sent).failure).toBe("aborted");
  expect((await failure(client().send(post(origin), controller.signal))).failure).toBe("aborted");
});

test("a header that cannot be sent fails before anything is sent", async () => {
  const origin = await serving((_request, response) => void response.end());
  const error = await failure(client().send(post(origin, { headers: { "X-A": "a\r\nb: c" } })));
  expect([error.failure, error.maybeProcessed]).toEqual(["other", false]);
});

test("a proxy of the environment is used, and not for NO_PROXY", async () => {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(String(request.url));
    response.end("by proxy");
  });
  proxy.on("connect", (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  });
  const origin = await listening(proxy);
  const http = client({ http_proxy: origin, HTTPS_PROXY: origin, NO_PROXY: "left.invalid" });
  const direct = await failure(http.send(post("http://left.invalid:1/")));
  const refused = await failure(http.send(post("https://on-call.invalid/KEY-1")));
  expect(direct.failure).toMatch(/^(?:no-such-host|dns)$/);
  expect([refused.failure, refused.message]).toEqual([
    "unreachable",
    "the proxy refused the connection (407)",
  ]);
  await http.send(post("http://on-call.invalid/x")).catch(() => undefined);
  expect(asked.join(" ")).toContain("on-call.invalid");
});

test("a proxy without a scheme is one, and what is none is said, without its password", async () => {
  const proxy = await serving((request, response) => {
    response.statusCode = request.url?.includes("407") === true ? 407 : 200;
    response.end("by proxy");
  });
  const http = client({ HTTP_PROXY: proxy.replace("http://", "") });
  expect((await http.send(post("http://on-call.invalid/x"))).status).toBe(200);
  expect((await failure(http.send(post("http://on-call.invalid/407")))).message).toBe(
    "the proxy refused the connection (407)",
  );
  for (const none of ["http://", "ftp://user:secret@proxy:21", "http://user:secret@[::1"]) {
    const error = await failure(
      client({ HTTPS_PROXY: none }).send(post("https://on-call.invalid/x")),
    );
    expect([error.failure, error.message]).toEqual([
      "unreachable",
      "HTTPS_PROXY is not the address of a proxy, such as http://proxy.example:3128",
    ]);
  }
});

test("a proxy in a lower-case variable counts where the other one is empty", async () => {
  const proxy = await serving((_request, response) => void response.end("by proxy"));
  const http = client({ HTTP_PROXY: "", http_proxy: proxy });
  expect(utf8.decode((await http.send(post("http://on-call.invalid/x"))).body)).toBe("by proxy");
});

test("what goes to this machine takes no proxy", async () => {
  const origin = await serving((_request, response) => void response.end("here"));
  const http = client({ HTTP_PROXY: "http://127.0.0.1:1" });
  const port = origin.split(":")[2];
  for (const host of ["127.0.0.1", "localhost", "user@127.0.0.1"])
    expect((await http.send(post(`http://${host}:${port}/`))).status).toBe(200);
  const { failure: how } = await failure(http.send(post("http://127.0.0.1.example.invalid/")));
  expect(how).toBe("refused");
});

test("through a proxy, too, a request is not sent when its time went by while the client was loaded", async () => {
  const asked: string[] = [];
  const proxy = await serving((request, response) => {
    asked.push(request.url ?? "");
    response.end("by proxy");
  });
  let looks = 0;
  // As after SIGSTOP, just after it was asked for.
  standing(() => (looks++ > 0 ? 18 : 0));
  const request = { method: "POST", url: "http://on-call.invalid/x", headers: {} };
  const sent = client({ http_proxy: proxy }).send({ ...request, timeoutMilliseconds: 10_000 });
  await expect(sent).rejects.toMatchObject({ failure: "timeout", maybeProcessed: false });
  expect(asked).toEqual([]);
});

test("a time limit of more than 24 days, the most that a timer takes, is not over at once", async () => {
  const origin = await serving(
    (_request, response) => void setTimeout(() => response.end("a"), 30),
  );
  const patient = { ...post(origin), timeoutMilliseconds: 2 ** 31 };
  const http = client();
  expect((await http.send(patient)).status).toBe(200);
  expect((await http.send({ ...patient, headers: { Connection: "close" } })).status).toBe(200);
  expect((await http.stream(patient)).status).toBe(200);
});

test("a stream gives the answer as it comes, and throws when it is cut", async () => {
  const origin = await rawServing((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst");
    setTimeout(() => socket.end(), 30);
  });
  const answer = await client().stream(post(origin));
  const parts: string[] = [];
  const all = (async () => {
    for await (const part of answer.body) parts.push(utf8.decode(part));
  })();
  expect((await failure(all)).failure).toBe("truncated");
  expect([answer.status, parts.join("")]).toEqual([200, "first"]);
});
