import { type OutgoingRequest, recordingDeliveries } from "@tocsin/alerting/oncall";
import { expect, test } from "vitest";
import { run } from "./script.ts";

const words = ["a", "ä€", '"quoted"', "back\\slash", "<&>", "new\nline", "{r.x}", "", "CRITICAL"];

/** Rows as an array's literal. Of these some have no text, some no number, some one that no time can be. */
function rowsOf(from: number, to: number): string {
  const rows = Array.from({ length: to - from }, (_, i) => {
    const n = from + i;
    const text = JSON.stringify(words[(n * 7) % words.length]).replaceAll("${", "\\${");
    const id = n % 11 === 3 ? "none.s" : `"id-${n % 5}"`;
    const value = n % 13 === 5 ? "none.f" : `${n}.5`;
    return `{id: ${id}, text: ${text}, value: ${value}, at: time(v: ${n * 1_000_000_000})}`;
  });
  return `import "array"
import "internal/debug"
import "contrib/bonitoo-io/victorops"
none = {s: debug.null(type: "string"), f: debug.null(type: "float")}
array.from(rows: [${rows.join(",")}])`;
}

const functions = [
  `(r) => ({messageType: "CRITICAL", entityID: r.id, entityDisplayName: r.text, stateMessage: "\${r.id}: \${r.value}", timestamp: r.at})`,
  `(r) => {
    level = if r.value > 50.0 then "CRITICAL" else "RECOVERY"
    return {r with messageType: level, entityID: r.id, entityDisplayName: "x", stateMessage: r.text, timestamp: now(), monitoringTool: r.text}
  }`,
  `(r) => ({messageType: "INFO", entityID: r.id, stateMessage: r.text, timestamp: int(v: r.at)})`,
  `(r) => if exists r.value then {messageType: "INFO", entityID: "a", entityDisplayName: "b", stateMessage: r.text, timestamp: r.at} else {messageType: "INFO", entityID: r.value, entityDisplayName: "b", stateMessage: r.text, timestamp: r.at}`,
];

interface Asked {
  readonly requests: readonly OutgoingRequest[];
  readonly bad: readonly string[];
}

async function asked(from: number, to: number, fn: string): Promise<Asked> {
  const deliveries = recordingDeliveries();
  const source = `${rowsOf(from, to)} |> victorops.endpoint(url: "http://h/x", monitoringTool: "T")(mapFn: ${fn})()`;
  const { report } = await run(source, undefined, deliveries);
  expect(report.errors).toEqual([]);
  const bad = report.badRows.map(({ error, row }) => `${row}: ${error.message}`);
  return { requests: deliveries.requests.map(({ request }) => request), bad };
}

test.each(functions)("an endpoint asks the same of many rows as of few: %s", async (fn) => {
  const few = [];
  for (let from = 0; from < 120; from += 20) few.push(await asked(from, from + 20, fn));
  const { requests, bad } = await asked(0, 120, fn);
  const bodies = (all: readonly OutgoingRequest[]) => all.map(({ line: _line, ...one }) => one);
  expect(bodies(requests)).toEqual(bodies(few.flatMap((one) => one.requests)));
  expect(bad).toEqual(few.flatMap((one) => one.bad));
  expect(requests.length + bad.length).toBe(120);
});
