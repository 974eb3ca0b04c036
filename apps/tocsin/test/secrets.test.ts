import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { moment, pasted, points } from "./alerts.ts";
import { Desk, type Ended, later, sandbox } from "./terminal.ts";

/** Two keys with characters that change when they are encoded, and a token that a script sends itself. */
const secrets = {
  VICTOROPS_API_KEY: "5f8e3c-api+key&é=secret",
  VICTOROPS_ROUTING_KEY: "routing team&secret=1",
  SERVICE_TOKEN: "tok_9c8d7e6f5a4b3c2d1e0f",
};

const mended = pasted
  .replace('"Night watch"\n', '"Night watch",\n')
  .replace("${r._field)", "${r._field}")
  .replace("level ==", "r.level ==");

/** The pasted script, mended, that also sends a request of its own with the token. */
const script = mended
  .replace(
    'import "influxdata/influxdb/secrets"',
    'import "influxdata/influxdb/secrets"\nimport "http"\nimport "array"',
  )
  .replace(
    "in_trouble = ",
    `token = secrets.get(key: "SERVICE_TOKEN")
status = http.post(url: "ORIGIN/hook?token=\${token}", headers: {Authorization: "Token \${token}"}, data: bytes(v: token))
array.from(rows: [{status: status}]) |> yield(name: "hook")

in_trouble = `,
  );

/** All ways in which a secret may show itself: raw, encoded for URLs and JSON, in base64 at each offset. */
function forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((skip) =>
    // The characters that hold whole bytes of the secret only, whatever stands around it.
    Buffer.concat([Buffer.alloc(skip), bytes])
      .toString("base64")
      .slice(skip === 0 ? 0 : skip + 1, -4),
  );
  return [
    secret,
    encodeURIComponent(secret),
    encodeURI(secret),
    JSON.stringify(secret).slice(1, -1),
    ...base64,
    ...base64.map((one) => one.replaceAll("+", "-").replaceAll("/", "_")),
    bytes.toString("hex"),
  ];
}

const path = `/integrations/generic/00000000/alert/${secrets.VICTOROPS_API_KEY}/${secrets.VICTOROPS_ROUTING_KEY}`;
const wanted = [...Object.values(secrets), path].flatMap(forms).map((one) => Buffer.from(one));

/** The forms of secrets that stand somewhere in these bytes. */
function found(bytes: Buffer): string[] {
  return wanted.filter((form) => bytes.includes(form)).map(String);
}

function inFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  return names
    .filter((one) => one.isFile())
    .flatMap(({ parentPath, name }) => found(readFileSync(join(parentPath, name))));
}

/** Runs the script and every command that shows the queue; none of their bytes may hold a secret. */
async function nothingShows(origin: string, text = script): Promise<Ended> {
  const desk = new Desk(secrets);
  desk.file(
    "keys",
    Object.entries(secrets)
      .map((pair) => `${pair.join("=")}\n`)
      .join(""),
    0o600,
  );
  desk.file("work/a.flux", text.replace("ORIGIN", origin));
  desk.file("work/data.lp", points);
  const told: Ended[] = [];
  const run = async (...args: string[]): Promise<Ended> => {
    const ended = await desk.run(...args);
    told.push(ended);
    return ended;
  };
  const first = await run(
    ...["run", "--deliver-to", origin, "--bucket", "example-bucket=work/data.lp"],
    ...["--now", moment, "--wait", "300ms", "work/a.flux"],
  );
  await run(
    "run",
    "--dry-run",
    "--bucket",
    "example-bucket=work/data.lp",
    "--now",
    moment,
    "work/a.flux",
  );
  await run("outbox", "list", "--output", "json");
  await run("outbox", "list");
  await run("outbox", "status");
  for (const id of ["1", "2"]) {
    await run("outbox", "show", id);
    await run("outbox", "show", id, "--output", "json");
  }
  await run("outbox", "send", "--wait", "200ms");
  told.push(await desk.onTerminal("outbox", "retry", "--all"));
  for (const { out, err } of told) expect(found(Buffer.from(out + err))).toEqual([]);
  expect(inFiles(desk.path("data"))).toEqual([]);
  return first;
}

test("a secret of a few characters shows nowhere either, and messages stay readable", async () => {
  const desk = new Desk({ K: "k3y", A: "a" });
  desk.file(
    "a.flux",
    `import "http"
import "influxdata/influxdb/secrets"
import "contrib/bonitoo-io/victorops"

key = secrets.get(key: "K")
letter = secrets.get(key: "A")
victorops.alert(url: "http://127.0.0.1:9/integrations/generic/20131114/alert/\${letter}/\${key}", messageType: "CRITICAL",
    entityID: "db", stateMessage: "m", timestamp: 2026-01-01T00:00:00Z)
http.post(url: "http://127.0.0.1:9/\${letter}?k=\${key}", headers: {Authorization: "Bearer \${key}", "X-A": letter})
x = int(v: "key \${key}")
`,
  );
  const told: Ended[] = [];
  for (const argv of [
    ["run", "--wait", "300ms", "a.flux"],
    ["run", "--dry-run", "a.flux"],
    ["run", "--dry-run", "--output", "curl", "a.flux"],
    ["outbox", "show", "1"],
    ["outbox", "list", "--output", "json"],
  ])
    told.push(await desk.run(...argv));
  for (const { out, err } of told) {
    expect(out + err).not.toMatch(/k3y/u);
    expect(out + err).not.toMatch(/\/a[/?\s]|X-A: a\b|"a"/u);
  }
  expect(told[0].err).toContain("connection refused");
  expect(told[1].err).toContain('cannot convert string "key ***" to int');
});

test("the search itself finds every form of a secret", () => {
  for (const secret of [...Object.values(secrets), path]) {
    const texts = [
      `key ${secret}!`,
      `a=${encodeURIComponent(secret)}&b`,
      Buffer.from(secret).toString("base64"),
      Buffer.from(`x${secret}y`).toString("base64"),
      Buffer.from(`xx${secret}yy`).toString("base64url"),
    ];
    for (const text of texts) expect(found(Buffer.from(text))).not.toEqual([]);
  }
  expect(found(Buffer.from("nothing of the kind"))).toEqual([]);
});

for (const fault of [
  "",
  "status=400",
  "status=401",
  "status=404",
  "status=429",
  "status=503",
  "status=302",
])
  test(`no secret shows when On-Call answers ${fault || "well"}`, async () => {
    const service = await sandbox(...(fault === "" ? [] : [fault]));
    const { code } = await nothingShows(service.origin);
    expect(code).toBe(fault === "" ? 0 : 3);
    const sent = service.requests().filter((one) => one.path.startsWith("/integrations/"));
    expect(sent.length).toBeGreaterThan(0);
    expect(found(Buffer.from(decodeURIComponent(sent[0].path)))).not.toEqual([]);
  });

for (const fault of ["delay=50ms", "reset", "hang", "failure-body", "html"])
  test(`no secret shows with the fault ${fault}`, async () => {
    const service = await sandbox(fault);
    // A request of the script's own would hang for the ten seconds that an attempt may take.
    const { code } = await nothingShows(service.origin, fault === "hang" ? mended : script);
    expect([0, 1, 3]).toContain(code);
    expect(service.requests().length).toBeGreaterThan(0);
  });

test("no secret shows when the server sends back what it was sent, in a header, an error and a page", async () => {
  for (const status of [400, 404, 500, 301]) {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => void chunks.push(chunk));
      request.on("end", () => {
        const whole = `http://localhost${request.url}`;
        const plain = decodeURIComponent(request.url ?? "");
        const token = String(request.headers["authorization"] ?? "");
        const base64 = Buffer.from(plain).toString("base64");
        response.writeHead(status, { Location: whole, "X-Asked": encodeURIComponent(token) });
        response.end(
          JSON.stringify({
            result: "failure",
            message: `no ${whole} here (${plain}, ${token}, ${base64}, ${Buffer.concat(chunks)})`,
          }),
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    later(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { code } = await nothingShows(`http://127.0.0.1:${port}`);
    expect(code).toBe(3);
  }
});

test("no secret shows when nobody listens, when the name does not exist, and in errors of scripts", async () => {
  expect((await nothingShows("http://127.0.0.1:9")).code).not.toBe(0);
  expect((await nothingShows("http://nowhere.invalid")).code).not.toBe(0);
  const desk = new Desk(secrets);
  const failing = `import "influxdata/influxdb/secrets"
import "array"
key = secrets.get(key: "VICTOROPS_API_KEY")
fail = (v) => die(msg: "cannot use \${v} of https://host/alert/\${v}/x")
array.from(rows: [{a: fail(v: key)}])
`;
  const died = await desk.run("run", "-e", failing);
  expect(died.code).toBe(1);
  expect(died.err).toContain("cannot use ***");
  expect(found(Buffer.from(died.err))).toEqual([]);
});

test("a rotated key heals the queue: what waits goes out with the new one", async () => {
  const broken = await sandbox("status=404");
  const desk = new Desk(secrets);
  desk.file("a.flux", mended);
  desk.file("data.lp", points);
  const port = broken.origin;
  const first = await desk.run(
    ...[
      "run",
      "--deliver-to",
      port,
      "--bucket",
      "example-bucket=data.lp",
      "--now",
      moment,
      "a.flux",
    ],
  );
  expect(first.code).toBe(3);
  await broken.close();
  const { startSandbox } = await import("../src/sandbox.ts");
  const { systemClock } = await import("@tocsin/adapters/host-node");
  const mendedService = await startSandbox({
    clock: systemClock,
    port: Number(port.split(":")[2]),
  });
  later(() => mendedService.close());
  desk.env["VICTOROPS_API_KEY"] = "the-new-key";
  expect(await desk.run("outbox", "retry", "--all")).toMatchObject({
    code: 0,
    out: "2 due now\n2 accepted, 0 waiting\n",
  });
  expect(mendedService.requests().map((one) => one.path.split("/").at(-2))).toEqual([
    "the-new-key",
    "the-new-key",
  ]);
});
