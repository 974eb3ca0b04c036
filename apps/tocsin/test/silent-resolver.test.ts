import { execFile, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { alerting } from "./alerts.ts";
import { Desk, later } from "./terminal.ts";

const cli = fileURLToPath(new URL("../src/tocsin.ts", import.meta.url));

/** Whether a process may have a `/etc/resolv.conf` of its own here. */
const may =
  spawnSync("unshare", ["-m", "mount", "--bind", "/etc/hosts", "/etc/resolv.conf"]).status === 0;

/** A name server of this process's own that never answers. A look-up there takes minutes. */
async function silentServer(): Promise<string> {
  const address = `127.${1 + (process.pid % 250)}.${1 + ((process.pid >> 8) % 250)}.53`;
  const server = createSocket("udp4");
  later(() => void server.close());
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject).bind(53, address, resolve);
  });
  return address;
}

/** A command line in a world with that name server only. */
function unresolved(desk: Desk, argv: readonly string[]): Promise<[code: number, err: string]> {
  const script = 'mount --bind resolv.conf /etc/resolv.conf && exec "$@"';
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", cli, ...argv];
  const env = { PATH: process.env["PATH"], ...desk.env };
  return new Promise((resolve) => {
    const args = ["-m", "sh", "-c", script, "sh", ...node];
    execFile("unshare", args, { cwd: desk.folder, env }, (error, _out, err) =>
      resolve([Number(error?.code ?? 0), err]),
    );
  });
}

test.runIf(may)("a name that nobody resolves holds up neither a run nor its end", async () => {
  const desk = new Desk({
    VICTOROPS_API_KEY: "of-the-service",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector.example",
  });
  const server = await silentServer();
  desk.file("resolv.conf", `nameserver ${server}\noptions timeout:30 attempts:5\n`);
  desk.file("rows.flux", 'import "array"\narray.from(rows: [{a: 1}])\n');
  desk.file("page.flux", alerting(["CRITICAL:db"]));
  expect(await unresolved(desk, ["run", "rows.flux"])).toEqual([0, ""]);
  const [code, err] = await unresolved(desk, ["run", "--wait", "0", "page.flux"]);
  expect([code, err]).toEqual([3, expect.stringContaining("1 waiting")]);
});
