import { expect, test } from "vitest";
import { Desk } from "./terminal.ts";

const desk = new Desk();

test("doc shows a function from its own file: type, docs, example, link", async () => {
  const { code, out, err } = await desk.run("doc", "victorops.endpoint");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^victorops\.endpoint\n\nimport "contrib\/bonitoo-io\/victorops"\n\n\(/u);
  expect(out).toContain("?monitoringTool: B");
  expect(out).toContain("Sends one event to Splunk On-Call (VictorOps) for each row.");
  expect(out).toContain(
    "\nhttps://docs.influxdata.com/flux/v0/stdlib/contrib/bonitoo-io/victorops/endpoint/\n",
  );
  expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThan(130);
});

test("a name without import goes first; its namesakes are named", async () => {
  const { out } = await desk.run("doc", "filter");
  expect(out.startsWith("filter\n\n(")).toBe(true);
  expect(out).toContain("\nExample:\n");
  expect(out).toContain("See also: array.filter");
  const { members } = JSON.parse((await desk.run("doc", "--output", "json", "filter")).out);
  expect(members.map(({ name }: { name: string }) => name).slice(0, 2)).toEqual([
    "filter",
    "array.filter",
  ]);
});

test("a package lists its members, none that is not for scripts", async () => {
  for (const name of ["monitor", "influxdata/influxdb/monitor"]) {
    const { out } = await desk.run("doc", name);
    expect(out).toMatch(/^package monitor\n\nimport "influxdata\/influxdb\/monitor"\n/u);
    expect(out).toMatch(/^ {2}monitor\.deadman +\w/mu);
  }
  expect((await desk.run("doc", "victorops")).out).not.toContain("_request");
});

test("a miss is said with the near name", async () => {
  const miss = async (name: string): Promise<string> => {
    const { code, out, err } = await desk.run("doc", name);
    expect([code, out]).toEqual([1, ""]);
    return err;
  };
  expect(await miss("agregateWindow")).toBe(
    'the library has no "agregateWindow"; did you mean aggregateWindow?\n',
  );
  expect(await miss("victorops.endpont")).toContain("did you mean victorops.endpoint?");
  expect((await desk.run("doc")).code).toBe(2);
});
