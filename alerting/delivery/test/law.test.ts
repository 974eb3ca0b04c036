import { expect, test } from "vitest";
import { MemoryOutbox } from "@tocsin/alerting/delivery";
import { type Random, seeded } from "@tocsin/platform/host";
import { World } from "./world.ts";

const seeds = 150;
const answers = [
  "200",
  "200",
  "30ms",
  "503",
  "429",
  "429 retry-after=5",
  "404",
  "reset",
  "hang",
  "refused",
];

interface Attempted {
  readonly number: number;
  readonly entity: string;
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random.next() * items.length)];
}

/** Plays faults, crashes and clock steps, then lets all be well; gives what On-Call saw. */
async function play(seed: number): Promise<{ world: World; attempts: Attempted[]; total: number }> {
  const random = seeded(seed);
  const attempts: Attempted[] = [];
  let calm = false;
  const world = await new World((body) => {
    const answer = calm ? "200" : pick(random, answers);
    attempts.push({ number: Number(body["state_message"]), entity: String(body["entity_id"]) });
    return answer;
  }).start();
  let total = 0;
  for (let step = 0; step < 25; step++) {
    const run = world.run({ runId: `run-${step}`, wait: 1000, supersede: false });
    const words = Array.from({ length: Math.floor(random.next() * 4) }, () => {
      const type = pick(random, ["CRITICAL", "WARNING", "RECOVERY", "INFO"]);
      return `${type}:${pick(random, ["a", "b", "c"])}:${total++}`;
    });
    if (words.length > 0) await world.page(run, words.join(" "));
    await world.clock.advance(random.next() * 4000);
    if (random.next() < 0.2) world.clock.step(BigInt(Math.floor((random.next() - 0.5) * 7.2e12)));
    if (random.next() < 0.2) {
      if (random.next() < 0.5) await world.sender.stop();
      await world.restart();
    }
  }
  calm = true;
  await world.clock.advance(30 * 60_000);
  return { world, attempts, total };
}

test(`law: nothing is lost or put out of order, whatever fails (seeds 1 to ${seeds})`, async () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const { world, attempts, total } = await play(seed);
    const states = (await world.store.list({})).map((one) => one.state);
    expect([seed, states]).toEqual([seed, Array(total).fill("accepted")]);
    for (const entity of ["a", "b", "c"]) {
      const numbers = attempts.filter((one) => one.entity === entity).map((one) => one.number);
      expect([seed, entity, numbers]).toEqual([seed, entity, numbers.toSorted((a, b) => a - b)]);
    }
  }
}, 120_000);

test("law: without a crash no event that was answered with 200 is sent again", async () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = seeded(seed);
    const accepted = new Set<number>();
    const world = await new World((body) => {
      const number = Number(body["state_message"]);
      expect([seed, accepted.has(number)]).toEqual([seed, false]);
      const answer = pick(random, ["200", "503", "refused"]);
      if (answer === "200") accepted.add(number);
      return answer;
    }).start();
    const words = Array.from({ length: 40 }, (_one, index) => `INFO:e${index % 6}:${index}`);
    await world.page(world.run(), words.join(" "));
    await world.clock.advance(3_600_000);
    expect([seed, accepted.size]).toEqual([seed, 40]);
  }
});

test("two senders on one store send each event once, in order", async () => {
  const store = new MemoryOutbox();
  const one = await new World(() => "20ms", { store }).start();
  const two = await new World(() => "20ms", { store }).start();
  await one.page(one.run({ runId: "one" }), "INFO:a:1 INFO:b:2 INFO:a:3");
  await two.page(two.run({ runId: "two" }), "INFO:a:4 INFO:b:5");
  for (let turn = 0; turn < 100; turn++) {
    await one.clock.advance(25);
    await two.clock.advance(25);
  }
  const sent = [...one.sent, ...two.sent].map((each) => JSON.parse(each.body)["state_message"]);
  expect(sent.toSorted()).toEqual(["1", "2", "3", "4", "5"]);
  expect((await store.list({})).map((each) => each.state)).toEqual(Array(5).fill("accepted"));
});
