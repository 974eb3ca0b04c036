import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { systemClock } from "@tocsin/adapters/host-node";
import { startSandbox } from "../src/sandbox.ts";
import { alerting } from "./alerts.ts";
import { Desk, later, sandbox } from "./terminal.ts";

const secrets = { VICTOROPS_API_KEY: "0b3a5c7e-KEY-41d9" };
const folder = fileURLToPath(new URL("nights", import.meta.url));

/** What somebody types and reads in one bad night, with times and places that are the same every night. */
class Night {
  readonly desk = new Desk(secrets);
  readonly #lines: string[] = [];
  #port = 0;

  constructor(rows: readonly string[] = ["CRITICAL:db", "WARNING:web"]) {
    this.desk.file("alert.flux", alerting(rows));
  }
  /** Runs a command as a person would, and writes it down. */
  async types(command: string): Promise<number> {
    const argv = command.replaceAll("{port}", String(this.#port)).split(" ");
    const { code, out, err } = await this.desk.run(...argv);
    const said = `${err}${out}`.replace(/\n$/, "");
    this.#lines.push(
      this.#same(`$ tocsin ${command}`),
      ...(said === "" ? [] : [this.#same(said)]),
      `(${code})`,
    );
    return code;
  }
  /** A remark of the one who tells. */
  tells(text: string): void {
    this.#lines.push("", `# ${text}`);
  }
  to(origin: string): void {
    this.#port = Number(origin.split(":")[2]);
  }
  get data(): string {
    return this.desk.path("data");
  }
  get shown(): string {
    return this.#lines.join("\n");
  }
  /** Compares with what is written down. */
  is(name: string): void {
    const file = join(folder, `${name}.txt`);
    const told = `${this.#lines.join("\n").trim()}\n`;
    if (process.env["BLESS"] === "1") {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, told);
    }
    expect(told).toBe(existsSync(file) ? readFileSync(file, "utf8") : "");
  }
  #same(text: string): string {
    return (
      text
        .replaceAll(this.data, "DATA")
        .replaceAll(this.desk.folder, "HERE")
        .replaceAll(String(this.#port), "{port}")
        .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "TIME")
        // How often it is tried, and whether another try is planned, is chance.
        .replace(/TIME +\d+ +/g, "TIME  N  ")
        .replace(/ \(next try \d\d:\d\d:\d\d\)/g, "")
        .replace(/damaged-\w+/g, "damaged-TIME")
        .replace(/\b\d+(\.\d+)? ?ms\b/g, "N ms")
        .replace(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, "RUN")
    );
  }
}

const run = "run --output none --wait 400ms --deliver-to http://127.0.0.1:{port} alert.flux";

/** The same port, where all is well now. */
async function healed(origin: string): Promise<{ count(): number }> {
  const service = await startSandbox({
    clock: systemClock,
    port: Number(origin.split(":")[2]),
  });
  later(() => service.close());
  return { count: () => service.requests().length };
}

async function badThenWell(
  name: string,
  broken: { origin: string; close(): Promise<void> },
): Promise<void> {
  const night = new Night();
  night.to(broken.origin);
  expect(await night.types(run)).toBe(3);
  await night.types("outbox status");
  await broken.close();
  const service = await healed(broken.origin);
  night.tells("On-Call is well again");
  expect(await night.types("outbox retry --all")).toBe(0);
  expect(service.count()).toBe(2);
  night.is(name);
}

test.each([
  ["hang", "hang"],
  ["an hour of 500s", "status=500"],
  ["reset in mid-answer", "reset"],
  ["blocked key", "status=404"],
  ["polite proxy", "html"],
])("%s", async (name, fault) => badThenWell(name, await sandbox(fault)));

test("unreachable", async () => {
  const gone = await sandbox();
  await gone.close();
  await badThenWell("unreachable", { origin: gone.origin, close: async () => undefined });
});

test("a polite proxy's page is never a page that was sent", async () => {
  const proxy = await sandbox("html");
  const desk = new Desk(secrets);
  desk.file("alert.flux", alerting(["CRITICAL:db", "INFO:web"]));
  const { code, out } = await desk.run(
    ...["run", "--output", "json", "--wait", "200ms", "--deliver-to", proxy.origin, "alert.flux"],
  );
  expect(code).toBe(3);
  expect(JSON.parse(out).map((row: { _sent: string }) => row._sent)).toEqual(["false", "false"]);
});

test("corrupt outbox", async () => {
  const service = await sandbox("status=503");
  const night = new Night();
  night.to(service.origin);
  await night.types(run);
  const file = join(night.data, "outbox.sqlite");
  const bytes = readFileSync(file);
  writeFileSync(file, Buffer.concat([Buffer.alloc(100, "x"), bytes.subarray(100)]));
  await service.close();
  await healed(service.origin);
  night.tells("the first hundred bytes of the file are overwritten");
  await night.types("outbox status");
  await night.types(run);
  await night.types("outbox status");
  night.is("corrupt outbox");
});

test("restored snapshot", async () => {
  const service = await sandbox("status=503");
  const night = new Night();
  night.to(service.origin);
  await night.types(run);
  await night.types("outbox backup copy.sqlite");
  await service.close();
  await healed(service.origin);
  night.tells("five hours later, somebody puts the copy back");
  const file = join(night.data, "outbox.sqlite");
  writeFileSync(file, readFileSync(night.desk.path("copy.sqlite")));
  const database = new DatabaseSync(file);
  database.exec("UPDATE meta SET value = value - 18000000 WHERE key = 'last_write'");
  database.exec("UPDATE meta SET value = '1:1 another' WHERE key = 'last_writer'");
  database.close();
  await night.types("outbox send");
  await night.types("outbox list --state held");
  await night.types("outbox release --all");
  await night.types("outbox send");
  night.is("restored snapshot");
});

const mountable =
  process.platform === "linux" &&
  spawnSync("mount", ["--version"]).status === 0 &&
  process.getuid?.() === 0;

test.runIf(mountable)("full disk", async () => {
  const service = await sandbox();
  const night = new Night();
  night.to(service.origin);
  mkdirSync(night.data, { recursive: true });
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", night.data]);
  if (status !== 0) return;
  later(() => void spawnSync("umount", [night.data]));
  const filler = join(night.data, "filler");
  writeFileSync(filler, Buffer.alloc(1024 * 1024 - 8192));
  expect(await night.types(run)).toBe(3);
  expect(service.requests().length).toBe(2);
  writeFileSync(filler, "");
  night.tells("there is room again");
  expect(await night.types(run)).toBe(0);
  await night.types("outbox status");
  night.is("full disk");
});

test("all answers are 404 from noon; the new key sends all that waits, in order, and nothing is refused", async () => {
  let good = "old-key";
  const sent: string[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (part: Buffer) => (text += String(part)));
    request.on("end", () => {
      const right = (request.url ?? "").includes(good);
      const { message_type: type, entity_id: entity } = JSON.parse(text);
      if (right) sent.push(`${type} ${entity}`);
      response.writeHead(right ? 200 : 404, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ result: right ? "success" : "failure" }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  later(() => void server.close());
  const address = server.address();
  const night = new Night();
  night.to(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
  night.desk.env["VICTOROPS_API_KEY"] = "old-key";
  expect(await night.types(run)).toBe(0);
  night.tells("noon: the key is rotated at On-Call, and nobody tells us");
  good = "new-key";
  for (const rows of [["CRITICAL:db", "INFO:db"], ["WARNING:web"], ["RECOVERY:db", "INFO:web"]]) {
    night.desk.file("alert.flux", alerting(rows));
    expect(await night.types(run)).toBe(3);
  }
  night.tells("the new key is written where the old one was");
  night.desk.env["VICTOROPS_API_KEY"] = "new-key";
  expect(await night.types("outbox send")).toBe(0);
  expect(await night.types("outbox status")).toBe(0);
  // One that is on its way as a probe when a newer state is recorded is not replaced.
  const of = (entity: string) =>
    sent.slice(2).filter((one) => one.endsWith(entity) && one !== "CRITICAL db");
  expect([of("db"), of("web")]).toEqual([
    ["INFO db", "RECOVERY db"],
    ["WARNING web", "INFO web"],
  ]);
  expect(sent.slice(3)).not.toContain("CRITICAL db");
  expect(night.shown.match(/HTTP 404/g)?.length).toBe(3);
  expect(night.shown).not.toContain("refused");
});
