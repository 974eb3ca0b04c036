import fc from "fast-check";
import { expect, test } from "vitest";
import { run, shown } from "./script.ts";

/** A place with six digits, away from the poles and the 180th meridian so that regions around it are simple. */
const place = fc.record({
  lat: fc.integer({ min: -80_000_000, max: 80_000_000 }).map((micro) => micro / 1e6),
  lon: fc.integer({ min: -170_000_000, max: 170_000_000 }).map((micro) => micro / 1e6),
});

const number = (value: number): string => value.toFixed(6);
const flux = ({ lat, lon }: { lat: number; lon: number }): string =>
  `lat: ${number(lat)}, lon: ${number(lon)}`;

/** The one row of a script's result. */
async function row(fields: string): Promise<string> {
  const { report, tables } = await run(
    `import "array"\nimport "experimental/geo"\nunits = {distance: "km"}\narray.from(rows: [{${fields}}])`,
  );
  expect(report.errors.map(({ error }) => error.message)).toEqual([]);
  const [table] = tables.get("_result") ?? [];
  return shown(table).rows[0];
}

test("each point of a region lies in a cell of its grid, at the point's own level and above", async () => {
  await fc.assert(
    fc.asyncProperty(
      place,
      fc.integer({ min: 1, max: 400 }),
      fc.double({ min: 0, max: 0.95, noNaN: true }),
      fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }),
      fc.integer({ min: 4, max: 90 }),
      async (centre, kilometres, part, turn, least) => {
        const degrees = (part * kilometres) / 111.3;
        const point = {
          lat: centre.lat + degrees * Math.sin(turn),
          lon: centre.lon + (degrees * Math.cos(turn)) / Math.cos((centre.lat * Math.PI) / 180),
        };
        const region = `{${flux(centre)}, radius: ${number(kilometres)}}`;
        const grid = `geo.getGrid(region: ${region}, minSize: ${least}, maxLevel: 12, units: units)`;
        const inside = await row(
          `holds: geo.ST_Contains(region: ${region}, geometry: {${flux(point)}}), ` +
            `cell: contains(set: ${grid}.set, value: geo.s2CellIDToken(point: {${flux(point)}}, level: ${grid}.level))`,
        );
        // The flat measure of the test is good for what is near the centre, not at the rim far north.
        if (inside.includes("holds=true")) expect(inside).toContain("cell=true");
      },
    ),
    { numRuns: 60 },
  );
});

test("a distance is the same both ways, and 0 only from a region that holds the point", async () => {
  await fc.assert(
    fc.asyncProperty(
      place,
      place,
      fc.integer({ min: 1, max: 5000 }),
      async (one, other, radius) => {
        const there = `geo.ST_Distance(region: {${flux(one)}}, geometry: {${flux(other)}})`;
        const back = `geo.ST_Distance(region: {${flux(other)}}, geometry: {${flux(one)}})`;
        const circle = `{${flux(one)}, radius: ${number(radius)}}`;
        const said = await row(
          `same: ${there} == ${back}, ` +
            `zero: geo.ST_Distance(region: ${circle}, geometry: {${flux(other)}}) == 0.0, ` +
            `holds: geo.ST_Contains(region: ${circle}, geometry: {${flux(other)}})`,
        );
        expect(said).toMatch(/^holds=(true|false) same=true zero=\1$/u);
      },
    ),
    { numRuns: 60 },
  );
});

test("it does not matter which way round a polygon goes, nor where it begins", async () => {
  await fc.assert(
    fc.asyncProperty(
      place,
      place,
      fc.array(fc.double({ min: 0.1, max: 6, noNaN: true }), { minLength: 3, maxLength: 7 }),
      async (centre, point, radii) => {
        const corners = radii.map((radius, i) => {
          const turn = (2 * Math.PI * i) / radii.length;
          return {
            lat: centre.lat + radius * Math.sin(turn),
            lon: centre.lon + radius * Math.cos(turn),
          };
        });
        const near = {
          lat: (9 * centre.lat + point.lat) / 10,
          lon: (9 * centre.lon + point.lon) / 10,
        };
        const answers = [corners, corners.toReversed(), [...corners.slice(1), corners[0]]].map(
          (points) => {
            const region = `{points: [${points.map((one) => `{${flux(one)}}`).join(", ")}]}`;
            return `geo.ST_Distance(region: ${region}, geometry: {${flux(near)}})`;
          },
        );
        const [first, second, third] = answers.map((answer) => `int(v: 1000000.0 * ${answer})`);
        const said = await row(`turned: ${first} == ${second}, moved: ${first} == ${third}`);
        expect(said).toBe("moved=true turned=true");
      },
    ),
    { numRuns: 60 },
  );
});
