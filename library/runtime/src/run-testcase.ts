import { type Batch, cellOf, tableStart } from "@tocsin/data/column";
import { type ColumnKind, formatTimeNano, type Raw } from "@tocsin/data/value";
import type { Deliveries, Settlement } from "@tocsin/alerting/oncall";
import type { Library } from "@tocsin/engine/interpret";
import type { Buckets } from "@tocsin/engine/plan";
import type { Host } from "@tocsin/platform/host";
import { memorySecrets, scriptedHttp, utf8 } from "@tocsin/platform/host";
import { planRules } from "@tocsin/engine/execute";
import { programOf } from "./compile.ts";
import type { RunReport } from "./report.ts";
import { loadThroughStore } from "./load-through-store.ts";
import { runProgram } from "./run.ts";
import type { Testcase } from "./testcase.ts";

/** How a testcase ended. */
export interface TestOutcome {
  readonly passed: boolean;
  /** Why it failed, line by line. */
  readonly why: readonly string[];
}

/** The result into which upstream's test functions write what is wrong. */
const FAILURES = "errorOutput";

/** The world of testcases: requests are answered with 200 and what they sent; two known secrets. */
function testingHost(host: Host): Host {
  return {
    ...host,
    http: scriptedHttp((request) => ({
      status: 200,
      headers: {},
      body: request.body ?? new Uint8Array(0),
    })),
    secrets: memorySecrets({ password: "mysecretpassword", token: "mysecrettoken" }),
  };
}

const echoing: Deliveries = {
  deliver: async (requests) =>
    requests.map(({ body }) => {
      const bytes = typeof body === "string" ? utf8.encode(body) : (body ?? new Uint8Array(0));
      const answer = { status: 200, headers: {}, body: bytes, milliseconds: 0 };
      const settlement: Settlement = {
        state: "answered",
        status: "200",
        reason: "test",
        detail: "",
        answer,
      };
      return { kind: "direct", settled: Promise.resolve(settlement) };
    }),
};

/** Where a testcase runs. */
export interface TestWorld {
  readonly host: Host;
  readonly buckets: Buckets;
  readonly library: Library;
  /** Whether `testing.load` writes its tables into `buckets` and reads them back. */
  readonly loadsThroughStore?: boolean;
}

/** Runs one testcase. It passes when nothing fails and no row comes out of the result `errorOutput`. */
export async function runTestcase(testcase: Testcase, world: TestWorld): Promise<TestOutcome> {
  const program = programOf(testcase.tree, testcase.file);
  const failures = new FailureText();
  const { host, buckets, library } = world;
  const report = await runProgram(
    program,
    {
      buckets,
      library,
      ...(world.loadsThroughStore === true ? loadThroughStore(library) : {}),
      host: testingHost(host),
      deliveries: echoing,
      testing: true,
    },
    {
      push: (name, batch) => {
        if (name === FAILURES) failures.add(batch);
      },
      finish: () => undefined,
    },
  );
  const why = report.errors.map(({ result, error }) =>
    result === undefined ? error.message : `${result}: ${error.message}`,
  );
  why.push(...report.badRows.map(({ error }) => error.message));
  why.push(...failures.lines(), ...ruleMismatches(report));
  return { passed: why.length === 0, why };
}

const known = new Set(planRules.map(({ name }) => name));

/** Rules that Tocsin has under upstream's name must fire as often; of others a test says nothing here. */
function ruleMismatches({ rules, expectedRules }: RunReport): string[] {
  return [...expectedRules].flatMap(([name, times]) => {
    const fired = rules.get(name) ?? 0;
    return !known.has(name) || fired === times
      ? []
      : [`rule ${name} fired ${fired} times, expected ${times}`];
  });
}

/** How many rows of a difference are shown. */
const SHOWN_MAX = 20;

/** Rows of the result that tells what is wrong: some are shown, all are counted. */
class FailureText {
  readonly #shown: string[] = [];
  #rows = 0;

  add(batch: Batch): void {
    for (let table = 0; table < batch.tableEnds.length; table++) {
      for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
        if (this.#rows++ < SHOWN_MAX) this.#shown.push(rowText(batch, row, table));
      }
    }
  }
  lines(): string[] {
    if (this.#rows === 0) return [];
    const more = this.#rows > SHOWN_MAX ? [`and ${this.#rows - SHOWN_MAX} more`] : [];
    return [`${this.#rows} rows differ from what was expected`, ...this.#shown, ...more];
  }
}

function rowText(batch: Batch, row: number, table: number): string {
  return batch.schema
    .map(
      ({ label }, i) =>
        `${label}=${displayCell(cellOf(batch.columns[i], row, table), batch.schema[i].kind)}`,
    )
    .join(" ");
}

function displayCell(cell: Raw, kind: ColumnKind): string {
  if (cell === null) return "null";
  if (kind === "time") return formatTimeNano(cell as bigint);
  return typeof cell === "string" ? JSON.stringify(cell) : String(cell);
}
