import { readFileSync, writeFileSync } from "node:fs";
import type { Diagnostic, Severity, SourceText } from "@tocsin/language/syntax";
import { readGolden } from "./golden.ts";

/** A mistake in a script of the corpus, which was written down before anything could detect it. */
export interface Mistake {
  /** Where it may be reported: several places may explain a mistake. */
  readonly lines: readonly number[];
  readonly kind: string;
  /** Words that a good message about it contains, in lower case. */
  readonly says: readonly string[];
  /** Whether the intention is certain; `maybe` leaves that to the check. */
  readonly fix: "yes" | "no" | "maybe";
}

/** A script such as people write, with its mistakes. A correct one has none. */
export interface Case {
  readonly path: string;
  readonly script: string;
  readonly mistakes: readonly Mistake[];
  /** The script after `check --fix`, where only one result is right. */
  readonly mended: string | undefined;
  /** What is shown, and what `check --fix` makes of it where `mended` does not say: written by `npm run bless`. */
  readonly diagnostics: string | undefined;
  readonly fixed: string | undefined;
}

export function readCase(path: string): Case {
  const { sections } = readGolden(path);
  return {
    path,
    script: sections.get("script") ?? "",
    mistakes: (sections.get("mistakes") ?? "")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => readMistake(line, path)),
    mended: sections.get("mended"),
    diagnostics: sections.get("diagnostics"),
    fixed: sections.get("fixed"),
  };
}

function readMistake(line: string, path: string): Mistake {
  const read = /^line: (?<lines>[\d, ]+) \| kind: (?<kind>[\w-]+) \| says: (?<says>.*) \| fix: (?<fix>yes|no|maybe)$/u.exec(line);
  const { lines, kind, says, fix } = read?.groups ?? {};
  if (lines === undefined || kind === undefined || says === undefined) throw new Error(`${path}: ${line}`);
  return {
    lines: lines.split(",").map(Number),
    kind,
    says: says.split(",").map((word) => word.trim().toLowerCase()),
    fix: fix as Mistake["fix"],
  };
}

/** Writes what is shown, and the result of `--fix`, after the part that is written by hand. */
export function blessCase(path: string, answers: ReadonlyMap<string, string>): void {
  const [hand] = readFileSync(path, "utf8").split(/^--- (?:diagnostics|fixed)$/mu);
  const written = [...answers].map(([name, text]) => `--- ${name}\n${text}`);
  writeFileSync(path, `${hand}${written.join("")}`);
}

/** What cannot run is an error; what upstream accepts is at most a warning. Mistakes in URLs may be either. */
function isFit(kind: string, severity: Severity): boolean {
  return kind === "url" || (severity === "error") === ["syntax", "types"].includes(kind);
}

/** Whether `diagnostic` is about this mistake: in one of its places, with the required words. */
export function isAbout({ lines, kind, says, fix }: Mistake, diagnostic: Diagnostic, source: SourceText): boolean {
  if (!isFit(kind, diagnostic.severity)) return false;
  if (!lines.includes(source.position(diagnostic.span.start).line)) return false;
  if (fix !== "maybe" && (fix === "yes") !== (diagnostic.fix !== undefined)) return false;
  const { message, hint, labels } = diagnostic;
  const said = [message, hint, ...(labels ?? []).map(({ text }) => text)].join("\n").toLowerCase();
  const plain = said.replace(/(?<=\d),(?=\d{3})/gu, "");
  return says.every((word) => said.includes(word) || plain.includes(word));
}
