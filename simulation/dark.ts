import { type OutboxStore, runDeliveries, Sender } from "@tocsin/alerting/delivery";
import { type Http, HttpError, memorySecrets, seeded, utf8 } from "@tocsin/platform/host";
import { optionsOf } from "../tools/options.ts";
import { numberOf } from "./ledgers.ts";
import { type Medium, media, type MediumName } from "./medium.ts";
import { Process, Time } from "./time.ts";

/** How dark it is. */
interface Darkness {
  readonly entities: number;
  /** A run a minute, each with an event of every entity, while nobody listens. */
  readonly minutes: number;
  readonly medium: MediumName;
}

/** What came of it when the service was there again. */
interface Dawn {
  readonly recorded: number;
  /** Events with a whole history, from recording to what became of them. */
  readonly told: number;
  readonly superseded: number;
  /** Accepted requests in the service's order: "CRITICAL e7". */
  readonly arrived: readonly string[];
  /** When the newest state of the last entity was accepted, after the service was back. Milliseconds. */
  readonly latest: number;
  /** Entities whose newest state never came. */
  readonly missing: readonly string[];
  /** Accepted of CRITICAL or RECOVERY after the first accepted of another kind that had waited as long. */
  readonly late: number;
  /** Entities for which something older came after something newer. */
  readonly stale: readonly string[];
}

const minute = 60_000;

/** Hours in which nobody listens; every minute a script runs, and is killed before the next one. */
export async function playDark({ entities, minutes, medium }: Darkness): Promise<Dawn> {
  const place = media[medium]();
  const night = new Night(place, entities);
  for (let at = 0; at < minutes; at++) await night.minute(at);
  const dawn = await night.dawn();
  await place.close();
  return dawn;
}

class Night {
  readonly #time = new Time();
  readonly #medium: Medium;
  readonly #entities: number;
  readonly #random = seeded(7);
  readonly #arrived: { readonly number: number; readonly at: number }[] = [];
  readonly #words: string[] = [];
  #light = false;

  constructor(medium: Medium, entities: number) {
    this.#medium = medium;
    this.#entities = entities;
  }

  /** A process starts, pages, and is killed within the minute. */
  async minute(at: number): Promise<void> {
    const { process, sender, store } = await this.#start(`minute ${at}`);
    const http = this.#http(process);
    const gate = runDeliveries(sender, { runId: `minute-${at}`, once: true, http, wait: 30_000 });
    const words = Array.from({ length: this.#entities }, (_one, entity) => word(entity, at));
    const from = this.#words.length;
    this.#words.push(...words);
    void gate
      .deliver(words.map((one, index) => requestOf(one, from + index)))
      .catch(() => undefined);
    await this.#time.run(1000 + this.#random.next() * (minute - 1000));
    process.kill();
    await store.close();
    await this.#time.run((at + 1) * minute - this.#time.now);
  }

  /** The service is back. */
  async dawn(): Promise<Dawn> {
    this.#light = true;
    const since = this.#time.now;
    const { process, store } = await this.#start("dawn");
    await this.#time.run(30 * minute);
    const all = await store.list({});
    let told = 0;
    for (const one of all) {
      const history = await store.journal(one.id);
      const [first, last] = [history[0], history[history.length - 1]];
      if (first.state === "recorded" && last.state === one.state) told += 1;
    }
    process.kill();
    await store.close();
    const newest = this.#words.length - this.#entities;
    const times = new Map(this.#arrived.map(({ number, at }) => [number, at - since]));
    const last = Array.from({ length: this.#entities }, (_one, entity) => newest + entity);
    const arrived = this.#arrived.map(({ number }) => this.#words[number]);
    return {
      recorded: all.length,
      told,
      superseded: all.filter((one) => one.state === "superseded").length,
      arrived,
      latest: Math.max(...last.map((number) => times.get(number) ?? Infinity)),
      missing: last.filter((number) => !times.has(number)).map((number) => this.#words[number]),
      late: lateOf(
        last
          .filter((one) => times.has(one))
          .sort(by(times))
          .map((one) => this.#words[one]),
      ),
      stale: this.#stale(),
    };
  }

  #stale(): string[] {
    const newest = new Map<string, number>();
    return this.#arrived.flatMap(({ number }) => {
      const entity = this.#words[number].split(" ")[1];
      const before = newest.get(entity) ?? -1;
      newest.set(entity, Math.max(before, number));
      return number < before ? [entity] : [];
    });
  }

  async #start(name: string): Promise<{ process: Process; sender: Sender; store: OutboxStore }> {
    const process = new Process(name, this.#time);
    const store = patient(await this.#medium.open(), this.#time);
    const sender = new Sender({
      store,
      clock: process.clock,
      random: seeded(this.#time.now + 1),
      http: this.#http(process),
      secrets: memorySecrets({}),
    });
    await sender.start();
    return { process, sender, store };
  }

  #http(process: Process): Http {
    return {
      send: async (request) => {
        await process.wait(1 + this.#random.next() * 20);
        if (!this.#light) throw new HttpError("refused", "connection refused", false);
        const number = numberOf(utf8.decode(request.body ?? new Uint8Array(0)));
        this.#arrived.push({ number, at: this.#time.now });
        await process.wait(1 + this.#random.next() * 20);
        return { status: 200, headers: {}, body: utf8.encode('{"result":"success"}') };
      },
      stream: () => Promise.reject(new Error("nothing is streamed here")),
    };
  }
}

/** The same store; while it works, simulated time stands still. */
function patient(store: OutboxStore, time: Time): OutboxStore {
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...given: unknown[]): unknown => {
        const result: unknown = Reflect.apply(member, target, given);
        return result instanceof Promise ? time.outside(result) : result;
      };
    },
  });
}

/** What is said of an entity in a minute. */
function word(entity: number, at: number): string {
  const types = ["CRITICAL", "WARNING", "RECOVERY", "CRITICAL", "WARNING"];
  return `${types[(entity * 7 + at * 3) % types.length]} e${entity}`;
}

/** Pages that came after something else, apart from the few that were in flight side by side. */
function lateOf(words: readonly string[]): number {
  const isPage = (one: string): boolean => /^(CRITICAL|RECOVERY)/.test(one);
  const pages = words.filter(isPage).length;
  return words.slice(0, pages).filter((one) => !isPage(one)).length;
}

function by(times: ReadonlyMap<number, number>): (a: number, b: number) => number {
  return (a, b) => (times.get(a) ?? 0) - (times.get(b) ?? 0);
}

function requestOf(said: string, number: number) {
  const [type, entity] = said.split(" ");
  return {
    method: "POST",
    url: "https://alert.victorops.com/integrations/generic/20131114/alert/0b3a5/ops",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      message_type: type,
      entity_id: entity,
      state_message: `event ${number}`,
      state_start_time: 1_700_000_000,
    }),
    integration: "victorops",
  };
}

async function main(): Promise<void> {
  const { entities, minutes, sqlite } = optionsOf({ entities: 400, minutes: 180, sqlite: false });
  const dawn = await playDark({ entities, minutes, medium: sqlite ? "sqlite" : "memory" });
  console.log(`${dawn.recorded} recorded, ${dawn.told} with their whole history`);
  console.log(`${dawn.superseded} superseded, ${dawn.arrived.length} accepted`);
  console.log(
    `the newest state of every entity after ${(dawn.latest / minute).toFixed(2)} minutes`,
  );
  console.log(
    `${dawn.missing.length} missing, ${dawn.stale.length} stale, ${dawn.late} others before a page`,
  );
}

if (import.meta.main) await main();
