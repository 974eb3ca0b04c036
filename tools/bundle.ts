import { execFile } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { type Plugin, rolldown } from "rolldown";
import { writeDeclarations } from "./declarations.ts";
import { licencesOf } from "./licences.ts";
import { root } from "./tree.ts";

const app = join(root, "apps/tocsin");
const dist = join(app, "dist");

/**
 * JSON as text that is parsed: V8 reads that in a third of the time of an object literal. Types of the library
 * are parsed by the package: a script imports few of its 76.
 */
const parsedJson: Plugin = {
  name: "parsed-json",
  transform: {
    filter: { id: /\.json$/u },
    handler: (code, id) => {
      const value: unknown = JSON.parse(code);
      const text = id.endsWith("/signatures.json") ? byPackage(value as Signed) : parsed(value);
      return { code: `export default ${text};`, moduleType: "js" };
    },
  },
};

interface Signed {
  readonly prelude: unknown;
  readonly packages: Readonly<Record<string, unknown>>;
}

const parsed = (value: unknown): string => `JSON.parse(${JSON.stringify(JSON.stringify(value))})`;

function byPackage({ prelude, packages }: Signed): string {
  const getters = Object.entries(packages).map(
    ([path, one]) => `get ${JSON.stringify(path)}(){return ${parsed(one)}}`,
  );
  return `{prelude:${JSON.stringify(prelude)},packages:{${getters.join()}}}`;
}

/** What a program that uses the API has a copy of, in which things must land; the command line has its own. */
const ofUser = ["@opentelemetry/api"];

/** The sources of each file of a bundle, with their lengths in it. */
type Sources = readonly (readonly [path: string, length: number])[];
/** What each file of a bundle is made of, and which others it needs at once. */
type Chunks = ReadonlyMap<string, { readonly sources: Sources; readonly needs: readonly string[] }>;

/** Sources that a file of the bundle begins with; what they import goes with them. */
type Groups = readonly { readonly name: string; readonly test: RegExp }[];

/** What is loaded together is one file: each file costs as much as a small script. */
const groups: Groups = [
  {
    name: "core",
    test: /\/(?:installed\.ts|commands\/run\.ts|data\/codec\/src\/(?:csv-decoder|result-encoder)\.ts|stdlib\/src\/signatures\.json)$/u,
  },
  {
    name: "library",
    test: /\/stdlib\/src\/(?:universe|internal\/boolean|internal\/location|influxdata\/influxdb)\/index\.ts$/u,
  },
  { name: "sending", test: /\/(?:adapters\/outbox|alerting\/delivery)\/src\/index\.ts$/u },
];

/**
 * JavaScript without anything beyond ASCII: V8 reads that at once, and keeps it in half the space. It is the
 * last step, as what removes the whitespace writes characters out.
 */
const ascii: Plugin = {
  name: "ascii",
  generateBundle(_options, files) {
    for (const file of Object.values(files)) {
      if (file.type !== "chunk") continue;
      // What `Chunks` loads is a function, as Node's modules are: to make it one then copies all of it.
      if (file.fileName.endsWith(".cjs") && file.fileName.startsWith("cjs/"))
        file.code = `(function(exports,require,module,__filename,__dirname){${file.code}\n})`;
      if (/\\[^\0-\x7f]/u.test(file.code)) throw new Error("a backslash before what is not ASCII");
      file.code = file.code.replaceAll(
        /[^\0-\x7f]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      );
    }
  },
};

const getter =
  /Object\.defineProperty\(exports,"([\w$]+)",\{enumerable:true,get:function\(\)\{return ([\w$]+)\}\}\);/g;

/**
 * Exports as values, in one object: a getter for each is a function to make, to keep and to call. Files
 * that need each other in a circle, and variables that change, would need them.
 */
const plainExports: Plugin = {
  name: "plain-exports",
  generateBundle(_options, files) {
    const chunks = Object.values(files).filter((file) => file.type === "chunk");
    const needs = new Map(chunks.map(({ fileName, imports }) => [fileName, imports]));
    for (const chunk of chunks) {
      const found = [...chunk.code.matchAll(getter)].filter(
        ([, , name]) => !new RegExp(`\\blet ${name.replaceAll("$", "\\$")}\\b`).test(chunk.code),
      );
      if (found.length === 0) continue;
      if (reaches(needs, chunk.fileName)) throw new Error(`${chunk.fileName} needs itself`);
      for (const [text] of found) chunk.code = chunk.code.replace(text, "");
      const pairs = found.map(([, short, name]) => `${short}:${name}`);
      chunk.code += `Object.assign(exports,{${pairs.join()}});`;
    }
  },
};

/** Whether a file of the bundle needs itself, over others. */
function reaches(needs: ReadonlyMap<string, readonly string[]>, file: string): boolean {
  const seen = new Set<string>();
  const visit = (name: string): boolean =>
    (needs.get(name) ?? []).some((one) => {
      if (one === file) return true;
      if (seen.has(one)) return false;
      seen.add(one);
      return visit(one);
    });
  return visit(file);
}

/** A bundle that is made of entries. */
interface Bundle {
  readonly sources: readonly string[];
  readonly format: "esm" | "cjs";
  /** The name of an entry's file; `[hash]`: of what is in it. */
  readonly file: string;
  readonly groups?: Groups;
  readonly define?: Readonly<Record<string, string>>;
}

/**
 * Bundles entries. Each dynamic import becomes a chunk of its own, so that a script loads only the
 * packages that it imports. What installs binaries stays outside.
 */
async function bundle({ sources, format, file, groups: grouped, define }: Bundle): Promise<Chunks> {
  const built = await rolldown({
    input: [...sources],
    platform: "node",
    plugins: [parsedJson],
    // A file that an entry shares with others is the entry itself: another one in front of it would be loaded, too.
    ...(grouped === undefined ? {} : { preserveEntrySignatures: "allow-extension" }),
    external: [
      /^node:/u,
      "@duckdb/node-bindings",
      "undici",
      "pg-native",
      "pg-cloudflare",
      ...(format === "esm" ? ofUser : []),
    ],
    checks: { ineffectiveDynamicImport: false },
    // To import one of ours does nothing: a room's index goes where nothing of it is used.
    treeshake: { moduleSideEffects: [{ test: /\.ts$/u, sideEffects: false }] },
    transform: { define: { ...define } },
  });
  const extension = format === "cjs" ? "cjs" : "js";
  const { output } = await built.write({
    dir: dist,
    format,
    entryFileNames: `${file}.${extension}`,
    chunkFileNames: `${format}/[name]-[hash].${extension}`,
    sourcemap: false,
    plugins: format === "cjs" ? [plainExports, ascii] : [ascii],
    comments: { jsdoc: false },
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    dynamicImportInCjs: false,
    codeSplitting: grouped === undefined ? true : { groups: [...grouped] },
  });
  await built.close();
  const chunks = output.filter((one) => one.type === "chunk");
  return new Map(
    chunks.map(({ fileName, modules, imports }) => {
      const sources = Object.entries(modules)
        .filter(([id]) => id.startsWith(root))
        .map(([id, { renderedLength }]) => [relative(root, id), renderedLength] as const);
      return [fileName, { sources, needs: imports.filter((one) => one.startsWith(`${format}/`)) }];
    }),
  );
}

/** What the page of a backtest draws with goes beside the bundle: the page holds it, and asks no network. */
function copyCharts(): void {
  const from = dirname(createRequire(import.meta.filename).resolve("uplot/dist/uPlot.iife.min.js"));
  mkdirSync(join(dist, "uplot"), { recursive: true });
  for (const name of ["uPlot.iife.min.js", "uPlot.min.css"])
    copyFileSync(join(from, name), join(dist, "uplot", name));
}

/** The pages that `tocsin explain E0201` shows go beside the bundle. */
function copyPages(): void {
  cpSync(join(root, "docs/diagnostics"), join(dist, "diagnostics"), { recursive: true });
}

/**
 * Runs common work once, so that V8's code for it lies beside the bundle. Only functions that ran in a
 * process that was the first to load some file are in it, so the first one pages, and the second, which loads
 * one more package, does so with an outbox that is there.
 */
async function warm(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-build-"));
  const onCall = createServer((request, response) => {
    request.resume().on("end", () => void response.end('{"result":"success","entity_id":"a"}'));
  });
  await new Promise<void>((resolve) => onCall.listen(0, "127.0.0.1", resolve));
  const address = onCall.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const [script, again] = [join(folder, "warm.flux"), join(folder, "again.flux")];
  const [many, few] = [join(folder, "many.csv"), join(folder, "few.csv")];
  const origin = `http://127.0.0.1:${port}`;
  writeFileSync(many, warmRows(2000));
  writeFileSync(few, warmRows(50));
  writeFileSync(script, warmUp(many, origin));
  writeFileSync(again, `import "strings"\n${warmUp(few, origin)}`);
  // As people run it: V8 refuses code that was kept under other flags.
  const [command, ...first] =
    process.platform === "win32"
      ? [process.execPath, join(dist, "tocsin.cjs")]
      : [join(app, "bin/tocsin")];
  const run = async (...argv: string[]): Promise<void> => {
    await promisify(execFile)(command, [...first, ...argv], {
      env: { ...process.env, TOCSIN_DATA: join(folder, "data"), OTEL_SDK_DISABLED: "true" },
    });
    // What it keeps is for all kinds of runs.
    for (const found of globSync(join(dist, ".cache/*/script-*")))
      rmSync(found, { recursive: true });
  };
  try {
    await run("run", "--output", "csv", script);
    await run("run", "--output", "csv", again);
    await run("run", "--dry-run", "--output", "csv", script);
    await run("check", script);
  } finally {
    onCall.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Two tables of so many rows each: of 2,000 they are read the way that large files are. */
const warmRows = (
  rows: number,
): string => `#datatype,string,long,dateTime:RFC3339,double,string,string
#group,false,false,false,false,true,true
#default,_result,,,,,
,result,table,_time,_value,_field,host
${["a", "b"]
  .flatMap((host, table) =>
    Array.from({ length: rows }, (_, i) => {
      const time = new Date(Date.UTC(2026, 0, 1) + i * 10_000).toISOString().replace(".000", "");
      return `,,${table},${time},${i === rows / 2 ? 92.5 : (i % 89) + 0.25},load,${host}\n`;
    }),
  )
  .join("")}`;

const warmUp = (rows: string, origin: string): string => `import "array"
import "csv"
import "contrib/bonitoo-io/victorops"

rows = csv.from(file: ${JSON.stringify(rows)})
    |> range(start: 2026-01-01T00:00:00Z, stop: 2026-01-02T00:00:00Z)
    |> filter(fn: (r) => r._field == "load" and r._value > 1.0)
    |> map(fn: (r) => ({r with level: if r._value > 90.0 then "crit" else "ok"}))

rows |> yield(name: "rows")
rows |> aggregateWindow(every: 1m, fn: mean, createEmpty: false) |> group(columns: ["host"]) |> yield(name: "means")
rows |> filter(fn: (r) => r.host =~ /^[ab]/) |> sort(columns: ["_value"], desc: true) |> limit(n: 3) |> yield(name: "top")
rows |> pivot(rowKey: ["_time"], columnKey: ["host"], valueColumn: "_value") |> yield(name: "wide")
rows |> count() |> yield(name: "count")
rows |> difference() |> group() |> distinct(column: "level") |> yield(name: "levels")
rows |> reduce(identity: {n: 0}, fn: (r, accumulator) => ({n: accumulator.n + 1})) |> yield(name: "counted")
rows |> map(fn: (r) => ({r with text: "\${r.host} \${string(v: r._value)}"})) |> last() |> yield(name: "text")
array.from(rows: [{a: 1, b: "x"}]) |> yield(name: "built")
rows |> filter(fn: (r) => r.level == "crit") |> victorops.endpoint(url: "${origin}/integrations/generic/20131114/alert/k/r")(mapFn: (r) =>
    ({messageType: "CRITICAL", entityID: r.host, entityDisplayName: r.host, stateMessage: "\${r.host}: \${r._value}", timestamp: r._time, monitoringTool: "x"}),
)() |> yield(name: "sent")
`;

rmSync(dist, { recursive: true, force: true });
const library = await bundle({
  sources: [join(app, "src/index.ts")],
  format: "esm",
  file: "index",
});
const chunks = await bundle({
  sources: [join(app, "src/installed.ts"), join(root, "adapters/buckets/src/engine.ts")],
  format: "cjs",
  file: "cjs/[name]-[hash]",
  groups,
});
const named = (file: string | undefined) => file?.replace("cjs/", "./");
const chunkOf = (name: string): string => {
  const found = [...chunks.keys()].find((one) => one.startsWith(`cjs/${name}-`));
  return JSON.stringify(named(found));
};

/** What a run loads only when it has something to send, or to say of that. */
const forSending = [
  "alerting/delivery/src/index.ts",
  "adapters/outbox/src/index.ts",
  "adapters/host-node/src/proxied-http.ts",
  ...["watch", "attempt-log", "silence", "version"].map((one) => `apps/tocsin/src/${one}.ts`),
];

/** Files that have one of these sources, and those that they need. */
function chunksWith(sources: readonly string[]): string[] {
  const found = new Set<string>();
  const visit = (file: string): void => {
    if (found.has(file)) return;
    found.add(file);
    for (const one of chunks.get(file)?.needs ?? []) visit(one);
  };
  for (const [file, { sources: own }] of chunks)
    if (own.some(([path]) => sources.includes(path))) visit(file);
  return [...found].map((one) => named(one) ?? one);
}
await bundle({
  sources: [join(app, "src/launcher.ts")],
  format: "cjs",
  file: "tocsin",
  define: {
    mainChunk: chunkOf("installed"),
    engineChunk: chunkOf("engine"),
    sendingChunks: JSON.stringify(chunksWith(forSending)),
  },
});
copyCharts();
copyPages();
const all = [...library.values(), ...chunks.values()].flatMap(({ sources }) => sources);
const bundled = all.map(([path]) => path);
writeFileSync(join(dist, "LICENCES.txt"), licencesOf(bundled));
// Says to the test of the cold start which sources a loaded file stands for.
writeFileSync(
  join(dist, "sources.json"),
  `${JSON.stringify(Object.fromEntries([...chunks].map(([file, { sources }]) => [file, sources])))}\n`,
);
await writeDeclarations("apps/tocsin/src/index.ts", join(dist, "index.d.ts"));
await warm();
