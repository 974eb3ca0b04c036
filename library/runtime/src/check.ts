import { check, type TypedProgram } from "@tocsin/language/semantic";
import { applyFixes, type Diagnostic, type File, parse } from "@tocsin/language/syntax";
import { librarySignatures, standardLibrary } from "@tocsin/library/stdlib";

/** What the check of a script found. */
export interface CheckedScript {
  readonly tree: File;
  /** In the order of the text. Warnings only when there is no error. */
  readonly diagnostics: readonly Diagnostic[];
  readonly typed: TypedProgram;
}

/**
 * Finds all mistakes of a script: of grammar, of types, and of what it would do. `defined` names what is set from
 * outside, with types as type expressions.
 */
export async function checkScript(
  text: string,
  name: string,
  options: { readonly defined?: Readonly<Record<string, string>> } = {},
): Promise<CheckedScript> {
  // Loaded here, because a run needs none of it.
  const { adviseScript, allowed, lintScript } = await import("@tocsin/library/lint");
  const { file: tree, diagnostics } = parse(text, name);
  const { diagnostics: found, typed } = check(tree, await librarySignatures(), options);
  const said = [...merged(diagnostics, found), ...lintScript(tree)];
  if (errorsIn(said).length > 0) return { tree, diagnostics: inOrder(errorsIn(said)), typed };
  const advice = await adviseScript(tree, {
    library: standardLibrary,
    defined: Object.keys(options.defined ?? {}),
    said,
  });
  const errors = errorsIn(advice);
  if (errors.length > 0) return { tree, diagnostics: inOrder(errors), typed };
  return { tree, diagnostics: inOrder(allowed(tree, [...said, ...advice])), typed };
}

/**
 * Why a script does not run: its errors of grammar and of types, for which upstream, too, refuses it
 * before anything of it runs. `defined` names what is set from outside. What only lints see does not
 * keep a script from running.
 */
export async function refusals(
  tree: File,
  diagnostics: readonly Diagnostic[],
  defined: Iterable<string> = [],
): Promise<readonly Diagnostic[]> {
  const given = Object.fromEntries([...defined].map((name) => [name, "A"]));
  const found = check(tree, await librarySignatures(), { defined: given });
  return inOrder(errorsIn(merged(diagnostics, found.diagnostics)));
}

const errorsIn = (found: readonly Diagnostic[]): Diagnostic[] =>
  found.filter(({ severity }) => severity === "error");

const inOrder = (found: readonly Diagnostic[]): Diagnostic[] =>
  found.toSorted((a, b) => a.span.start - b.span.start);

/** Both kinds of mistakes. Where the types know which name is missing, the grammar need not say that one is. */
function merged(ofGrammar: readonly Diagnostic[], found: readonly Diagnostic[]): Diagnostic[] {
  const named = new Set(found.filter(({ code }) => code === "E0207").map(({ span }) => span.start));
  const unnamed = ofGrammar.filter(({ code, span }) => code !== "E0117" || !named.has(span.start));
  return [...unnamed, ...certain(found, ofGrammar)];
}

/** Mistakes in names, which are certain wherever they stand. */
const ofNames: ReadonlySet<string> = new Set(["E0201", "E0202", "E0203", "E0228", "E0229"]);

/**
 * The mistakes that are certain: within a bracket that is not closed (up to where its fix closes it) others are
 * guesses.
 */
function certain(found: readonly Diagnostic[], ofGrammar: readonly Diagnostic[]): Diagnostic[] {
  const open = ofGrammar.filter(({ code }) => code === "E0103");
  const doubtful = open.map(({ span, fix }) => ({
    from: span.start,
    to: fix?.edits[0]?.span.start ?? Infinity,
  }));
  const isDoubtful = ({ span }: Diagnostic): boolean =>
    doubtful.some(({ from, to }) => from < span.end && span.start <= to);
  return found.filter((one) => ofNames.has(one.code) || !isDoubtful(one));
}

/** One mistake may hide another. After more rounds than this fixes undo each other, or lead nowhere. */
const FIX_ROUNDS_MAX = 10;

/** The text with every fix made, until none is left; if that never ends, the first text with the fewest mistakes. */
export async function fixScript(text: string, name: string): Promise<string> {
  let best = { text, errors: Infinity };
  let present = text;
  for (let round = 0; round < FIX_ROUNDS_MAX; round++) {
    const { diagnostics } = await checkScript(present, name);
    const errors = errorsIn(diagnostics).length;
    if (errors < best.errors) best = { text: present, errors };
    const next = applyFixes(present, diagnostics);
    if (next === present) return present;
    present = next;
  }
  return best.text;
}
