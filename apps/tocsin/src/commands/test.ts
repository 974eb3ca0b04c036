import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeHost } from "@tocsin/adapters/host-node";
import { runTestcase, type TestWorld } from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import {
  choice,
  type Command,
  type Invocation,
  list,
  oneOf,
  type Streams,
  text,
  UsageError,
} from "../command.ts";
import { lateDatabases } from "../late-databases.ts";
import { checkNames, testFiles } from "../test-files.ts";

interface Outcome {
  readonly file: string;
  readonly name: string;
  readonly status: "success" | "fail" | "skip";
  readonly why: readonly string[];
}

/** `tocsin test`. */
export const command: Command = {
  summary: "Runs the test cases in files whose names end in _test.flux.",
  usage: "PATH… [--test NAME] [--tags TAG,…] [--load PLACE]",
  details:
    "A test case with tags runs only when all of its tags are given. Exits 1 when a test case fails.",
  options: {
    test: {
      type: "string",
      multiple: true,
      value: "NAME,…",
      help: "runs only these test cases, whatever their tags",
    },
    tags: {
      type: "string",
      multiple: true,
      value: "TAG,…",
      help: "also runs test cases with these tags",
    },
    skip: { type: "string", multiple: true, value: "NAME,…", help: "skips these test cases" },
    load: {
      type: "string",
      value: "PLACE",
      help: "makes `testing.load` write to a bucket and read back from it: store or memory",
    },
    output: { type: "string", value: "FORMAT", help: "text or json (default: text)" },
  },
  examples: ["tocsin test alerts/", "tocsin test --test filter_basic universe/filter_test.flux"],
  run: async (invocation) => {
    if (invocation.operands.length === 0)
      throw new UsageError("say what to test: a file, a folder or -");
    const world = await testWorld(text(invocation, "load"));
    try {
      return await runTests(invocation, world);
    } finally {
      world.end();
    }
  },
};

async function runTests(invocation: Invocation, world: TestWorld): Promise<number> {
  const { streams, operands } = invocation;
  const wanted = new Set(names(invocation, "test"));
  const skipped = new Set(names(invocation, "skip"));
  const tags = new Set(names(invocation, "tags"));
  const json = choice(invocation, "output", ["text", "json"]) === "json";
  const outcomes: Outcome[] = [];
  const ended = (outcome: Outcome): void => {
    outcomes.push(outcome);
    if (!json) tell(outcome, streams);
  };
  const files = await testFiles(operands, streams.cwd);
  checkNames(wanted, files);
  for (const { name: file, testcases, broken } of files) {
    if (broken.length > 0) ended({ file, name: "", status: "fail", why: broken });
    for (const testcase of testcases) {
      const { name } = testcase;
      const runs = wanted.size > 0 ? wanted.has(name) : testcase.tags.every((tag) => tags.has(tag));
      if (!runs || skipped.has(name)) {
        if (wanted.size === 0) outcomes.push({ file, name, status: "skip", why: [] });
        continue;
      }
      const { passed, why } = await runTestcase(testcase, world);
      ended({ file, name, status: passed ? "success" : "fail", why });
    }
  }
  return conclude(outcomes, streams, json);
}

/** The names that an option gives, which may be repeated and may hold several names. */
function names(invocation: Invocation, option: string): string[] {
  return list(invocation, option).flatMap((given) => given.split(",").filter((one) => one !== ""));
}

/** What test cases run on; `end` removes what they wrote. */
async function testWorld(
  given: string | undefined,
): Promise<TestWorld & { readonly end: () => void }> {
  const place = given === undefined ? undefined : oneOf(["store", "memory"], given, "--load");
  const { openBuckets } = await import("@tocsin/adapters/buckets");
  const host = { ...nodeHost(), databases: lateDatabases({ readOnly: false }) };
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
  streams.out.write(`${file}: ${name === "" ? "" : `${name} `}... ${status}\n`);
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
