import { invalid, kindName } from "@tocsin/data/value";
import { type Arguments, flux } from "@tocsin/engine/interpret";

/** The mean radius of the earth (WGS 84), as upstream has it. */
const EARTH_KILOMETRES = 6371.01;

const radiuses: Readonly<Record<string, number>> = {
  m: EARTH_KILOMETRES * 1000,
  km: EARTH_KILOMETRES,
  mile: EARTH_KILOMETRES / 1.609344,
};

export const units = flux({
  name: "units",
  type: "{distance: string}",
  docs: 'The unit of distances: `"m"`, `"km"` (default) or `"mile"`.',
  option: true,
  source: `{distance: "km"}`,
});

/** The radius of the earth in the unit that the argument `units` names: an angle times it is a distance. */
export function earthRadius(args: Arguments): number {
  const { fields } = args.record("units");
  const distance = fields.get("distance");
  const where = `${args.function}: units`;
  if (distance === undefined || fields.size !== 1)
    throw invalid(
      `${where} should have the field distance alone, but has ${[...fields.keys()].join(", ") || "none"}`,
      'for instance {distance: "km"}',
    );
  if (distance.kind !== "string")
    throw invalid(`${where}.distance should be string, but is ${kindName(distance)}`);
  if (Object.hasOwn(radiuses, distance.value)) return radiuses[distance.value];
  throw invalid(`${where}.distance is "${distance.value}"`, 'it should be "m", "km" or "mile"');
}
