import { compare } from "./comparison.ts";

// Prints, for each query and each place, whether the answer equals that of the InfluxDB 2 server at
// TOCSIN_PEER_INFLUXD. The exit code is 1 when one differs that should not.
const influxd = process.env["TOCSIN_PEER_INFLUXD"];
if (influxd === undefined || influxd === "") {
  console.log("skipped: TOCSIN_PEER_INFLUXD does not name an influxd");
} else {
  let wrong = 0;
  let equal = 0;
  for (const { query, place, verdict } of await compare(influxd)) {
    const name = `${place.padEnd(9)}${query.flux.replaceAll("\n", " ")}`;
    if (verdict.kind !== "different") {
      equal += 1;
      console.log(`${verdict.kind.padEnd(12)} ${name}`);
    } else if (query.differs !== undefined) {
      console.log(`${"on purpose".padEnd(12)} ${name}\n             ${query.differs}`);
    } else {
      wrong += 1;
      console.log(`${"DIFFERENT".padEnd(12)} ${name}\n             ${verdict.where}`);
    }
  }
  console.log(`${equal} equal, ${wrong} different`);
  process.exitCode = wrong > 0 ? 1 : 0;
}
