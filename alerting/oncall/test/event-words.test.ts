import { expect, test } from "vitest";
import { eventWords, parseEvent } from "@tocsin/alerting/oncall";

const seed = Number(process.env.TOCSIN_SEED ?? 20261128);
let state = seed >>> 0;
const below = (limit: number): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
};
const pick = <T>(items: readonly T[]): T => items[below(items.length)];

const words =
  "a,B, ,!,#,é,ä,ⅷ,漢,😀,\ud83d,\udc00,\u2028,\u007f,\u0085,<,&,',\",\\,\n,\t,$,{,},null"
    .split(",")
    .concat(",", "");
const text = (): string => Array.from({ length: below(6) }, () => pick(words)).join("");

const names = [
  "entity_display_name",
  "entity_id",
  "message_type",
  "monitoring_tool",
  "state_message",
];
const values = ["1", "1e2", "-0", "01", "1.50", "null", "true", "[]", '{"b":1,"a":2}'];

/** A body as the endpoint's, and not quite so. */
function body(): string {
  const fields = names.map((name) => [
    name,
    below(12) > 0 ? JSON.stringify(text()) : below(2) > 0 ? `"${text()}"` : pick(values),
  ]);
  fields.push(["state_start_time", pick(["0", "1700000000", "17000000000000000000", "007", "-1"])]);
  if (below(8) === 0) fields.push([pick([...names, "zz"]), JSON.stringify(text())]);
  if (below(8) === 0) fields.splice(below(fields.length), 1);
  if (below(8) === 0) fields.reverse();
  const between = below(9) === 0 ? ", " : ",";
  return `{${fields.map(([name, value]) => `"${name}":${value}`).join(between)}}`;
}

test(`a body that is not parsed says what it says when it is (seed ${seed})`, () => {
  let said = 0;
  for (let round = 0; round < 4000; round++) {
    const json = body();
    const event = parseEvent(json);
    const found = eventWords(json);
    if (event === undefined) {
      expect([json, found]).toEqual([json, undefined]);
      continue;
    }
    const { entity, messageType, fields } = event;
    const pairs = Object.entries(fields).filter(([name]) => name !== "state_start_time");
    pairs.sort(([a], [b]) => (a < b ? -1 : 1));
    expect([json, found]).toEqual([json, { entity, messageType, said: JSON.stringify(pairs) }]);
    said += 1;
  }
  expect(said).toBeGreaterThan(1000);
});
