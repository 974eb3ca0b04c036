import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { parse, renderText } from "@tocsin/language/syntax";
import { extended, type Testcase, testcasesOf } from "@tocsin/library/runtime";
import { nearest, UsageError } from "./command.ts";
import { readScripts, reason, type Script } from "./scripts.ts";
import { withoutKeys } from "./without-keys.ts";

/** A file of test cases. `broken`: why it cannot be parsed. */
interface TestFile {
  /** Relative to the folder where the command runs. */
  readonly name: string;
  readonly testcases: readonly Testcase[];
  readonly broken: readonly string[];
}

/**
 * The files that the operands name: files, folders (their files that end in `_test.flux`), `-` for standard input. One
 * that cannot be parsed does not keep the others from being read.
 */
export async function testFiles(operands: readonly string[], cwd: string): Promise<TestFile[]> {
  const found: TestFile[] = [];
  for (const operand of operands) {
    const names = operand === "-" || operand === "" ? [operand] : pathsOf(operand, cwd);
    for (const script of await readScripts(names, cwd)) found.push(testFile(script, cwd));
  }
  return found;
}

/** Throws `UsageError` for a name that no test case has: nothing would be tested, and nobody would notice. */
export function checkNames(names: Iterable<string>, files: readonly TestFile[]): void {
  const known = files.flatMap(({ testcases }) => testcases.map(({ name }) => name));
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const hint = near === undefined ? "" : `; did you mean ${near}?`;
    throw new UsageError(`there is no test case "${name}"${hint}`);
  }
}

function testFile({ name, text, path }: Script, cwd: string): TestFile {
  const place = path === undefined ? join(cwd, name) : resolve(cwd, path);
  const shown = path === undefined ? name : relative(cwd, place);
  const { file, diagnostics } = parse(text, shown);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    const broken = renderText({ source: file.source, diagnostics: errors }, { mask: withoutKeys })
      .trimEnd()
      .split("\n");
    return { name: shown, testcases: [], broken };
  }
  try {
    const testcases = testcasesOf(file, text).map((testcase) => withParent(testcase, place));
    return { name: shown, testcases, broken: [] };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { name: shown, testcases: [], broken: [error.message] };
  }
}

function pathsOf(operand: string, cwd: string): string[] {
  const path = isAbsolute(operand) ? operand : join(cwd, operand);
  try {
    if (!statSync(path).isDirectory()) return [operand];
    return readdirSync(path, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith("_test.flux"))
      .sort()
      .map((name) => join(operand, name));
  } catch (error) {
    throw new UsageError(`cannot read ${operand}: ${reason(error as NodeJS.ErrnoException)}`);
  }
}

interface Root {
  readonly folder: string;
  readonly name: string;
}

/** The test case with what it extends: `extends "module/dir/file_test.name"`, where the module is a folder below the root, or the root's name. */
function withParent(testcase: Testcase, path: string): Testcase {
  if (testcase.extends === undefined) return testcase;
  const root = rootOf(path);
  const at = testcase.extends.lastIndexOf(".");
  const [module, ...rest] = testcase.extends.slice(0, at).split("/");
  const file = join(
    root?.name === module ? root.folder : join(root?.folder ?? dirname(path), module),
    `${rest.join("/")}.flux`,
  );
  if (!existsSync(file))
    throw new UsageError(
      `${path}: ${testcase.name} extends ${testcase.extends}, but ${file} does not exist`,
    );
  const found = extended(
    testcase,
    parse(readFileSync(file, "utf8"), file).file,
    testcase.extends.slice(at + 1),
  );
  if (found === undefined)
    throw new UsageError(
      `${path}: ${testcase.name} extends ${testcase.extends}, which ${file} does not have`,
    );
  return found;
}

/** The nearest folder at or above a path with a file `fluxtest.root`, which contains a name, or JSON with one. */
function rootOf(path: string): Root | undefined {
  for (let folder = dirname(resolve(path)); folder !== dirname(folder); folder = dirname(folder)) {
    const mark = join(folder, "fluxtest.root");
    if (!existsSync(mark)) continue;
    const content = readFileSync(mark, "utf8").trim();
    return { folder, name: content.startsWith("{") ? String(JSON.parse(content).name) : content };
  }
  return undefined;
}
