import { expect, test } from "vitest";
import { compare, type Outcome } from "./comparison.ts";

const influxd = process.env["TOCSIN_PEER_INFLUXD"] ?? "";

function inWords({ query, place, verdict }: Outcome): string {
  return `${place}: ${query.flux}: ${verdict.kind === "different" ? verdict.where : verdict.kind}`;
}

// Needs the InfluxDB 2 server that TOCSIN_PEER_INFLUXD names; skipped where it is not set.
test.skipIf(influxd === "")("buckets answer as InfluxDB's storage does", async () => {
  const outcomes = await compare(influxd);
  const wrong = outcomes.filter(
    ({ query, verdict }) => verdict.kind === "different" && query.differs === undefined,
  );
  expect(outcomes.length).toBeGreaterThan(150);
  expect(wrong.map(inWords)).toEqual([]);
});
