import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { nodeHost } from "@tocsin/adapters/host-node";
import {
  extended,
  runTestcase,
  type Testcase,
  testcasesOf,
  type TestWorld,
} from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { parse } from "@tocsin/language/syntax";
import { type Command, type Invocation, list, type Streams, text, UsageError } from "../command.ts";
import { reason } from "../scripts.ts";

interface Outcome {
  readonly file: string;
  readonly name: string;
  readonly status: "success" | "fail" | "skip";
  readonly why: readonly string[];
}

interface Root {
  readonly folder: string;
  readonly name: string;
}

/** `tocsin test`. */
export const command: Command = {
  summary: "Runs the testcases of files whose names end in _test.flux.",
  usage: "PATH… [--test NAME] [--tags TAG,…] [--load PLACE]",
  details: "A tagged testcase runs only when all of its tags are given. Exits 1 when one fails.",
  options: {
    test: {
      type: "string",
      multiple: true,
      value: "NAME",
      help: "only this testcase, whatever its tags",
    },
    tags: { type: "string", value: "TAG,…", help: "tags to run beside the untagged" },
    skip: { type: "string", multiple: true, value: "NAME", help: "not this testcase" },
    load: {
      type: "string",
      value: "PLACE",
      help: "`testing.load` writes through a bucket and reads back: `store` or `memory`",
    },
    output: { type: "string", value: "FORMAT", help: "text or json" },
  },
  examples: ["tocsin test alerts/", "tocsin test --test filter_basic universe/filter_test.flux"],
  run: async (invocation) => {
    if (invocation.operands.length === 0)
      throw new UsageError("say what to test: a file or a folder");
    const world = await testWorld(text(invocation, "load"));
    try {
      return await runTests(invocation, world);
    } finally {
      world.end();
    }
  },
};

async function runTests(invocation: Invocation, world: TestWorld): Promise<number> {
  const { streams } = invocation;
  const wanted = new Set(list(invocation, "test"));
  const skipped = new Set(list(invocation, "skip"));
  const tags = new Set((text(invocation, "tags") ?? "").split(",").filter((tag) => tag !== ""));
  const json = jsonAsked(text(invocation, "output"));
  const outcomes: Outcome[] = [];
  for (const path of invocation.operands.flatMap((operand) => testFiles(operand, streams.cwd))) {
    const file = relative(streams.cwd, path);
    for (const testcase of await load(path)) {
      const { name } = testcase;
      const runs = wanted.size > 0 ? wanted.has(name) : testcase.tags.every((tag) => tags.has(tag));
      if (!runs || skipped.has(name)) {
        if (wanted.size === 0) outcomes.push({ file, name, status: "skip", why: [] });
        continue;
      }
      const { passed, why } = await runTestcase(testcase, world);
      const outcome: Outcome = { file, name, status: passed ? "success" : "fail", why };
      outcomes.push(outcome);
      if (!json) tell(outcome, streams);
    }
  }
  return conclude(outcomes, streams, json);
}

function jsonAsked(output: string | undefined): boolean {
  if (output === undefined || output === "text" || output === "json") return output === "json";
  throw new UsageError(`--output is text or json, not "${output}"`);
}

/** Where testcases run; `end` removes what they wrote. */
async function testWorld(
  place: string | undefined,
): Promise<TestWorld & { readonly end: () => void }> {
  if (place !== undefined && place !== "store" && place !== "memory")
    throw new UsageError(`--load takes store or memory, not "${place}"`);
  const { openBuckets } = await import("@tocsin/adapters/buckets");
  const host = nodeHost();
  const dataDir = place === "store" ? mkdtempSync(join(tmpdir(), "tocsin-test-")) : undefined;
  return {
    host,
    buckets: openBuckets({ dataDir, named: {}, host, env: {} }),
    library: standardLibrary,
    loadsThroughStore: place !== undefined,
    end: () => {
      if (dataDir !== undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function tell({ file, name, status, why }: Outcome, streams: Streams): void {
  streams.out.write(`${file}: ${name} ... ${status}\n`);
  for (const line of why) streams.out.write(`    ${line.replaceAll("\n", "\n    ")}\n`);
}

function conclude(outcomes: readonly Outcome[], streams: Streams, json: boolean): number {
  const count = (status: Outcome["status"]): number =>
    outcomes.filter((one) => one.status === status).length;
  if (json) streams.out.write(`${JSON.stringify(outcomes, null, 2)}\n`);
  else {
    streams.out.write(
      `\nFound ${outcomes.length} tests: passed ${count("success")}, failed ${count("fail")}, skipped ${count("skip")}\n`,
    );
  }
  return count("fail") > 0 ? 1 : 0;
}

function testFiles(operand: string, cwd: string): string[] {
  const path = isAbsolute(operand) ? operand : join(cwd, operand);
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path, { recursive: true, encoding: "utf8" });
    return names
      .filter((name) => name.endsWith("_test.flux"))
      .sort()
      .map((name) => join(path, name));
  } catch (error) {
    throw new UsageError(`cannot read ${operand}: ${reason(error as NodeJS.ErrnoException)}`);
  }
}

async function load(path: string): Promise<Testcase[]> {
  const source = readFileSync(path, "utf8");
  const { file: tree, diagnostics } = parse(source, path);
  const [error] = diagnostics.filter(({ severity }) => severity === "error");
  if (error !== undefined) throw new UsageError(`${path}: ${error.message}`);
  return testcasesOf(tree, source).map((testcase) => withParent(testcase, path));
}

/** `extends "module/dir/file_test.name"`: the module is a root folder above, or its name. */
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

/** The nearest folder upwards with a `fluxtest.root`: one word, or JSON with a name. */
function rootOf(path: string): Root | undefined {
  for (let folder = dirname(resolve(path)); folder !== dirname(folder); folder = dirname(folder)) {
    const mark = join(folder, "fluxtest.root");
    if (!existsSync(mark)) continue;
    const content = readFileSync(mark, "utf8").trim();
    return { folder, name: content.startsWith("{") ? String(JSON.parse(content).name) : content };
  }
  return undefined;
}
