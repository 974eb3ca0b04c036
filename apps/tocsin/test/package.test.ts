import { execFile, execFileSync, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sandbox } from "./terminal.ts";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tocsin-consumer-"));
const examples = [
  ...readFileSync(join(root, "README.md"), "utf8").matchAll(/^```ts\n([^]*?)^```/gmu),
].map(([, text]) => text);

/** A project that has installed the package as it would be published. */
beforeAll(() => {
  const env = {
    ...process.env,
    HOME: folder,
    npm_config_cache: join(folder, "npm"),
    npm_config_loglevel: "error",
    npm_config_update_notifier: "false",
  };
  const packed = execFileSync("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], {
    cwd: join(root, "apps/tocsin"),
    env,
    encoding: "utf8",
  });
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "tocsin"), { recursive: true });
  const archive = join(folder, packed.trim().split("\n").at(-1) ?? "");
  execFileSync("tar", ["-xzf", archive, "--strip-components=1", "-C", join(modules, "tocsin")]);
  for (const name of ["undici", "smol-toml", "@duckdb", "@types", "undici-types"])
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  writeFileSync(join(folder, "package.json"), '{"type": "module", "private": true}\n');
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Complaints of the compiler about the consumer's file, by line: none for a file that is right. */
function complaints(name: string, source: string, lib: readonly string[]): string {
  writeFileSync(join(folder, name), source);
  const project = join(folder, `${name}.json`);
  const options = {
    module: "NodeNext",
    target: "ES2024",
    strict: true,
    noEmit: true,
    types: ["node"],
    lib,
  };
  writeFileSync(
    project,
    JSON.stringify({ compilerOptions: { ...options, skipLibCheck: false }, files: [name] }),
  );
  try {
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", project], {
      encoding: "utf8",
    });
    return "";
  } catch (error) {
    return String(Object(error).stdout);
  }
}

/** Runs a module in the consumer's project; gives what it printed, and fails when it fails. */
async function ran(name: string): Promise<string> {
  const home = mkdtempSync(join(folder, "home-"));
  const argv = ["--disable-warning=ExperimentalWarning", name];
  const env = { PATH: process.env["PATH"], HOME: home };
  const { stdout, stderr } = await execute(process.execPath, argv, { cwd: folder, env });
  expect(stderr).toBe("");
  expect(readdirSync(home), "nothing is left in the user's home").toEqual([]);
  return stdout;
}

test("declarations name no room of the workspace, and check on their own under strict", () => {
  const own = join(folder, "node_modules/tocsin/dist");
  const declarations = readdirSync(own, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".d.ts"),
  );
  expect(declarations).toEqual(["index.d.ts"]);
  expect(readFileSync(join(own, "index.d.ts"), "utf8")).not.toMatch(/@tocsin\/|\.ts"|\.js"/u);
  expect(
    complaints("plain.ts", 'import * as tocsin from "tocsin";\nvoid tocsin;\n', ["ES2023"]),
  ).toBe("");
});

test("the README's TypeScript compiles under strict", () => {
  expect(examples.length).toBeGreaterThan(1);
  for (const [i, text] of examples.entries())
    expect(complaints(`readme-${i}.ts`, text, ["ES2023"]), text).toBe("");
});

const consumer = `import { check, compile, run, victorops, ScriptError, RunError, EventError } from "tocsin";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Equal<A, B>): void => undefined;

same<victorops.MessageType, "CRITICAL" | "WARNING" | "ACKNOWLEDGEMENT" | "INFO" | "RECOVERY">(true);
interface Row { readonly host: string; readonly at: Temporal.Instant }
declare const rows: AsyncIterable<Row>;
const page = victorops.endpoint({ url: "http://127.0.0.1:1/", signal: new AbortController().signal, secrets: { K: "v" } });
const event = { messageType: "INFO", entityID: "a", entityDisplayName: "A", stateMessage: "" } as const;
page({ mapFn: (row: Row) => ({ ...event, timestamp: row.at }) })(rows);
page({ mapFn: () => ({ ...event, timestamp: new Date() }) })([{}]);
page({ mapFn: () => ({ ...event, timestamp: 1n }) })(new Set([{ a: 1 }]));
// @ts-expect-error -- On-Call would take the word and page nobody
page({ mapFn: () => ({ ...event, messageType: "CRIT", timestamp: 1n }) });
// @ts-expect-error -- a number says no unit
page({ mapFn: () => ({ ...event, timestamp: 1 }) });
// @ts-expect-error -- entityID is missing
page({ mapFn: () => ({ messageType: "INFO", entityDisplayName: "", stateMessage: "", timestamp: 1n }) });
// @ts-expect-error -- rows are objects
page({ mapFn: () => ({ ...event, timestamp: 1n }) })([1, 2]);

const sent = page({ mapFn: (row: Row) => ({ ...event, timestamp: row.at }) })(rows);
const all: readonly (Row & { readonly _sent: "true" | "false"; readonly _status: string })[] = await sent;
for await (const row of sent) row.host satisfies string;
const { accepted, waiting, refused, failed, errors } = await sent.summary;
[accepted, waiting, refused, failed] satisfies number[];
errors satisfies readonly EventError[];
void all;

const program = compile("x = 1", { name: "x.flux" });
for await (const table of run(program, { now: new Date(), buckets: { b: "data.lp" } })) {
  table.result satisfies string;
  for (const row of table.rows) row["x"] satisfies string | number | bigint | boolean | null;
}
(await check("x = 1")).map(({ code, message }) => [code, message] satisfies string[]);
try { compile("("); } catch (error) {
  if (error instanceof ScriptError || error instanceof RunError || error instanceof EventError)
    [error.code satisfies string, error.diagnostics.length satisfies number];
}
`;

test("the types say what the design says: five words, three kinds of time, awaited and iterated", () => {
  expect(complaints("consumer.ts", consumer, ["ES2023", "ESNext.Temporal"])).toBe("");
  const wrong = 'import { victorops } from "tocsin";\nvictorops.endpoint({ uri: "x" });\n';
  expect(complaints("wrong.ts", wrong, ["ES2023"])).toContain("'uri'");
});

test("the README's TypeScript runs", async () => {
  const service = await sandbox();
  const outs: string[] = [];
  for (const [i, text] of examples.entries()) {
    writeFileSync(
      join(folder, `run-${i}.ts`),
      text.replaceAll("http://127.0.0.1:8099", service.origin),
    );
    outs.push(await ran(`run-${i}.ts`));
  }
  expect(outs[0]).toBe("[ { host: 'b', load: 0.9 } ]\n");
  expect(outs[1]).toContain("db-1 true 200\ndb-2 true 200\n");
  expect(outs[1]).toContain("accepted: 2");
  expect(service.requests().map(({ body }) => Object(body).entity_id)).toEqual([
    "db-1/disk",
    "db-2/disk",
  ]);
});

test("the packed library tells a program's own OpenTelemetry of its pages", async () => {
  symlinkSync(
    join(root, "node_modules/@opentelemetry"),
    join(folder, "node_modules/@opentelemetry"),
  );
  const service = await sandbox();
  writeFileSync(
    join(folder, "traced.ts"),
    `import { trace } from "@opentelemetry/api";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { victorops } from "tocsin";
const exporter = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
const page = victorops.endpoint({ url: "${service.origin}/integrations/generic/20131114/alert/key/ops" });
const event = { messageType: "INFO", entityID: "a", entityDisplayName: "A", stateMessage: "", timestamp: 1n } as const;
await page({ mapFn: () => event })([{}]);
for (const { name } of exporter.getFinishedSpans()) console.log(name);
`,
  );
  expect(await ran("traced.ts")).toBe(
    "send victorops\nPOST /integrations/generic/20131114/alert/{key}/{routing_key}\n",
  );
});

test("the packed command line runs, and leaves nothing in the user's home", () => {
  const home = mkdtempSync(join(folder, "home-"));
  const command = join(folder, "node_modules/tocsin/bin/tocsin");
  const source = 'import "array" array.from(rows: [{a: 1}])';
  const out = execFileSync(command, ["run", "--output", "ndjson", "-e", source], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`, HOME: home },
  });
  expect(out).toBe('{"result":"_result","table":0,"a":1}\n');
  expect(readdirSync(home)).toEqual([]);
});

const touches = `
const before = { names: Object.keys(globalThis).length, events: process.eventNames().length };
const tocsin = await import("tocsin");
const after = { names: Object.keys(globalThis).length, events: process.eventNames().length };
console.log(JSON.stringify({
  same: JSON.stringify(before) === JSON.stringify(after),
  active: process.getActiveResourcesInfo(),
  names: Object.keys(tocsin).sort(),
  heavy: process.moduleLoadList.filter((one) => /NativeModule (sqlite|http|net|tls|child_process)$/.test(one)),
}));
`;

test("the packed command line says what the sources say, also beyond ASCII", () => {
  const command = join(folder, "node_modules/tocsin/bin/tocsin");
  const source = 'x = "Störung 障害 🔔" + 1';
  writeFileSync(join(folder, "wrong.flux"), source);
  const path = `${dirname(process.execPath)}:${process.env["PATH"]}`;
  const env = { PATH: path, HOME: join(folder, "home") };
  const { stdout, status } = spawnSync(command, ["check", "wrong.flux"], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  expect([status, stdout]).toEqual([1, expect.stringContaining(`1 │ ${source}`)]);
});

test("importing touches nothing: no global, no listener, no handle, no server module", async () => {
  writeFileSync(join(folder, "touches.mjs"), touches);
  const told = JSON.parse(await ran("touches.mjs"));
  expect(told).toMatchObject({ same: true, active: [], heavy: [] });
  expect(told.names).toEqual([
    "EventError",
    "RunError",
    "ScriptError",
    "check",
    "compile",
    "run",
    "version",
    "victorops",
  ]);
});
