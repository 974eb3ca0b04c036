import type { Deliveries, Settlement } from "@tocsin/alerting/oncall";
import type { Library } from "@tocsin/engine/interpret";
import type { Buckets } from "@tocsin/engine/plan";
import type { Host } from "@tocsin/platform/host";
import { memorySecrets, scriptedHttp, utf8 } from "@tocsin/platform/host";
import { programOf } from "./compile.ts";
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
export function testingHost(host: Host): Host {
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

/** Runs one testcase. It passes when nothing fails and no row comes out of the result `errorOutput`. */
export async function runTestcase(
  testcase: Testcase,
  world: { readonly host: Host; readonly buckets: Buckets; readonly library: Library },
): Promise<TestOutcome> {
  const program = programOf(testcase.tree, testcase.file);
  let differing = 0;
  const report = await runProgram(
    program,
    { ...world, host: testingHost(world.host), deliveries: echoing, testing: true },
    {
      push: (name, batch) => {
        if (name === FAILURES) differing += batch.rows;
      },
      finish: () => undefined,
    },
  );
  const why = report.errors.map(({ result, error }) =>
    result === undefined ? error.message : `${result}: ${error.message}`,
  );
  why.push(...report.badRows.map(({ error }) => error.message));
  if (differing > 0) why.push(`${differing} rows differ from what was expected`);
  return { passed: why.length === 0, why };
}
