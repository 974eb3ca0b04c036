import { copyFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { rolldown } from "rolldown";
import { ascii, parsedJson, plainExports } from "./bundle-plugins.ts";
import { writeDeclarations } from "./declarations.ts";
import { licencesOf } from "./licences.ts";
import { root } from "./tree.ts";
import { warmUp } from "./warm-up.ts";

const app = join(root, "apps/tocsin");
const dist = join(app, "dist");

/** Packages of which the API must use the program's own copy; the command line bundles its own. */
const ofUser = ["@opentelemetry/api"];

/** The sources of each file of a bundle, with their lengths in it. */
type Sources = readonly (readonly [path: string, length: number])[];
/** What each file of a bundle is made of, and which others it imports statically. */
type Chunks = ReadonlyMap<string, { readonly sources: Sources; readonly needs: readonly string[] }>;

/** Sources that are put into one file of the bundle, together with what they import. */
type Groups = readonly { readonly name: string; readonly test: RegExp }[];

/** What is loaded together becomes one file, because loading a file costs as much as a small script. */
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

/** A bundle to make from entries. */
interface Bundle {
  readonly sources: readonly string[];
  readonly format: "esm" | "cjs";
  /** The pattern for the name of an entry's file; `[hash]` is that of its content. */
  readonly file: string;
  readonly groups?: Groups;
  readonly define?: Readonly<Record<string, string>>;
}

/**
 * Bundles entries. Each dynamic import becomes a chunk of its own, so that a script loads only the packages that it
 * imports. Packages with binaries stay outside.
 */
async function bundle({ sources, format, file, groups: grouped, define }: Bundle): Promise<Chunks> {
  const built = await rolldown({
    input: [...sources],
    platform: "node",
    plugins: [parsedJson],
    // An entry that others import stays one file; a facade in front of it would have to be loaded, too.
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
    // Importing our own files has no side effects, so that an index of which nothing is used disappears.
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

/** Puts the chart library beside the bundle. The page of a backtest includes it, so that it needs no network. */
function copyCharts(): void {
  const from = dirname(createRequire(import.meta.filename).resolve("uplot/dist/uPlot.iife.min.js"));
  mkdirSync(join(dist, "uplot"), { recursive: true });
  for (const name of ["uPlot.iife.min.js", "uPlot.min.css"])
    copyFileSync(join(from, name), join(dist, "uplot", name));
}

/** Puts the pages that `tocsin explain E0201` shows beside the bundle. */
function copyPages(): void {
  cpSync(join(root, "docs/diagnostics"), join(dist, "diagnostics"), { recursive: true });
}

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

/** What a run loads only to send, or to report on that. */
const forSending = [
  "alerting/delivery/src/index.ts",
  "adapters/outbox/src/index.ts",
  "adapters/host-node/src/proxied-http.ts",
  ...["watch", "attempt-log", "silence", "version"].map((one) => `apps/tocsin/src/${one}.ts`),
];

/** The files of the bundle that contain one of these sources, and the files that these import. */
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
// Tells the test of the cold start which sources a loaded file contains.
writeFileSync(
  join(dist, "sources.json"),
  `${JSON.stringify(Object.fromEntries([...chunks].map(([file, { sources }]) => [file, sources])))}\n`,
);
await writeDeclarations("apps/tocsin/src/index.ts", join(dist, "index.d.ts"));
await warmUp(app);
