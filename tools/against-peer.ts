import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { MemoryBuckets } from "@tocsin/adapters/buckets";
import { recordingDeliveries } from "@tocsin/alerting/oncall";
import { decodeCsvText, resultEncoder } from "@tocsin/data/codec";
import { compileScript, runProgram } from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { memoryHost } from "@tocsin/platform/host";
import { type Golden, readGolden } from "../conformance/golden.ts";
import { renderTables, ResultCollector } from "../conformance/render.ts";
import { filesBelow, root } from "./tree.ts";

/** What an engine says to a script: its tables as text, or why there are none. */
export interface Said {
  readonly tables: string;
  readonly error?: string;
}

/** A case that says `upstream: same`, with what both engines say to it. */
interface Compared {
  readonly path: string;
  readonly equal: boolean;
  readonly theirs: Said;
  readonly ours: Said;
}

/** Sections of cases that need nothing but their script: no bucket, secret or service. */
const comparable = new Set(["script", "table", "errors"]);

/** Runs each case of conformance that upstream can run alone, here and with the program `flux`. */
export async function compareWithPeer(flux: string): Promise<Compared[]> {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-against-peer-"));
  const compared: Compared[] = [];
  for (const { path } of filesBelow("conformance", ".golden")) {
    const golden = readGolden(`${root}/${path}`);
    if (needsBuckets(path) || !isComparable(golden)) continue;
    const script = golden.sections.get("script") ?? "";
    const theirs = await askPeer(flux, folder, script);
    const ours = await askHere(script);
    compared.push({ path, equal: areEqual(theirs, ours), theirs, ours });
  }
  rmSync(folder, { recursive: true, force: true });
  return compared;
}

/** The program `flux` has no buckets: those cases are for influxd. */
function needsBuckets(path: string): boolean {
  return path.startsWith("conformance/buckets/");
}

function isComparable({ head, sections }: Golden): boolean {
  const names = [...sections.keys()];
  const alone = names.every((name) => comparable.has(name));
  return head.get("upstream") === "same" && sections.has("table") && alone;
}

/** Words of errors are each engine's own: that both refuse is enough. */
export function areEqual(theirs: Said, ours: Said): boolean {
  if (theirs.error !== undefined || ours.error !== undefined) {
    return theirs.error !== undefined && ours.error !== undefined;
  }
  return theirs.tables === ours.tables;
}

/** Asks the program `flux`; its script goes into `folder`. */
export async function askPeer(flux: string, folder: string, script: string): Promise<Said> {
  const file = join(folder, "script.flux");
  writeFileSync(file, script);
  try {
    const { stdout } = await promisify(execFile)(flux, ["--format", "csv", file]);
    return saidOf(Buffer.from(stdout, "utf8"));
  } catch (error) {
    return { tables: "", error: error instanceof Error ? error.message : String(error) };
  }
}

/** An error after the first output is a table of upstream's, with exit code 0. */
function errorTable(csv: string): string | undefined {
  const at = csv.search(/^,?error,reference\r?$/mu);
  return at < 0 ? undefined : csv.slice(at).split("\n").slice(1).join(" ").trim();
}

function saidOf(csv: Uint8Array): Said {
  const error = errorTable(Buffer.from(csv).toString("utf8"));
  if (error !== undefined) return { tables: "", error };
  const collector = new ResultCollector();
  for (const { result, batch } of decodeCsvText(csv)) collector.push(result, batch);
  return { tables: renderTables(collector.tables(), { sorted: true, digits: 12 }) };
}

/**
 * Runs through CSV too: it has one sign for no value and for a text of no characters. `generate: false`:
 * row functions are walked.
 */
export async function askHere(
  script: string,
  options: { readonly generate?: boolean } = {},
): Promise<Said> {
  const { program, diagnostics } = compileScript(script, "script.flux", options);
  if (program === undefined) {
    return { tables: "", error: diagnostics.map(({ message }) => message).join("; ") };
  }
  const encoder = resultEncoder("csv");
  const pieces: Uint8Array[] = [];
  const world = {
    host: memoryHost(),
    buckets: new MemoryBuckets(),
    deliveries: recordingDeliveries(),
    library: standardLibrary,
  };
  const report = await runProgram(program, world, {
    push: (result, batch) => void pieces.push(encoder.encode(result, batch)),
    finish: (result) => void pieces.push(encoder.endResult(result)),
  });
  pieces.push(encoder.end());
  const errors = report.errors.map(({ error }) => error.message);
  if (errors.length > 0) return { tables: "", error: errors.join("; ") };
  return saidOf(Buffer.concat(pieces));
}

/** A difference as it is printed. */
export function inWords({ path, theirs, ours }: Compared): string {
  const shown = (said: Said): string => said.error ?? `\n${said.tables}`;
  return `${path}\nupstream: ${shown(theirs)}\nhere: ${shown(ours)}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const flux = process.env["TOCSIN_PEER_FLUX"] ?? "";
  if (flux === "") {
    console.log("skipped: TOCSIN_PEER_FLUX does not name a flux");
  } else {
    const compared = await compareWithPeer(flux);
    const different = compared.filter(({ equal }) => !equal);
    for (const one of different) console.log(inWords(one));
    console.log(`${compared.length - different.length} equal, ${different.length} different`);
    process.exitCode = different.length > 0 ? 1 : 0;
  }
}
