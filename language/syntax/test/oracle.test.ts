import { parse } from "@tocsin/language/syntax";
import { seeded } from "@tocsin/platform/host";
import { afterAll, expect, test } from "vitest";
import { generateProgram, mutations } from "./generate-program.ts";
import { OracleThread } from "./oracle.ts";

const oracle = new OracleThread();
afterAll(() => oracle.close());

test("upstream's parser accepts the generated programs too", async () => {
  for (let seed = 0; seed < 100; seed += 1) {
    const text = generateProgram(seeded(seed), 4);
    expect(await oracle.mistakes(text), `seed ${seed}`).toEqual([]);
  }
});

// Seeds on which the oracle never comes to an end would cost a second each.
const endless = new Set([1, 8, 15, 18, 21, 24]);

// Known differences: regular expressions are RE2's here and Rust's there; times that 64 bits of
// nanoseconds cannot hold are refused here; a line at the left edge that assigns something is a new
// statement here, even where a comma is missing before it.
test("and gives the same verdict on damaged ones", async () => {
  let compared = 0;
  const differences: string[] = [];
  for (let seed = 0; seed < 30; seed += 1) {
    if (endless.has(seed)) continue;
    const random = seeded(seed);
    for (const text of [generateProgram(random, 3), script]) {
      for (const { name, apply } of mutations) {
        const damaged = apply(text, random);
        const theirs = await oracle.mistakes(damaged);
        if (!theirs || theirs.some((mistake) => mistake.includes("regex parse error"))) continue;
        const { file, diagnostics } = parse(damaged);
        if (diagnostics.some(({ code }) => code === "E0111")) continue;
        compared += 1;
        if (file.wellFormed !== (theirs.length === 0))
          differences.push(`${seed}, ${name}: ${damaged}`);
      }
    }
  }
  expect(differences).toEqual([]);
  expect(compared).toBeGreaterThan(300);
});

const script = `import "influxdata/influxdb/monitor"
import victorops "contrib/bonitoo-io/victorops"

option task = {name: "disk", every: 1m}

endpoint = victorops.endpoint(url: "https://example.com/\${key}/page")
crit = from(bucket: "web")
    |> range(start: -1h)
    |> filter(fn: (r) => r._measurement == "disk" and (r.used > 90.0 or not exists r.host))
    |> map(fn: (r) => ({r with level: if r.used > 95.0 then "crit" else "warn", tags: ["a", "b"]}))

crit |> endpoint(mapFn: (r) => {
    text = "\${r.host}: \${string(v: r.used)} at \${r["path"]}"

    return {messageType: "CRITICAL", entityID: r.host + "-disk", stateMessage: text}
})()
`;
