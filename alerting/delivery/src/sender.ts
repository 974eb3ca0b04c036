import { type Answer, Masker } from "@tocsin/alerting/oncall";
import type { Clock } from "@tocsin/platform/host";
import {
  type Attempt,
  attempt,
  type AttemptWorld,
  brokenOff,
  wallMilliseconds,
} from "./attempt.ts";
import { Bell, Stopper } from "./bell.ts";
import { type Delivery, isUnfinished } from "./delivery.ts";
import { admit, type Endpoint, probeNow } from "./endpoint.ts";
import { Flight, Flights } from "./flights.ts";
import { ForeignAttempts } from "./foreign.ts";
import { changeOf, type Landed, type Unwritten, unwritten, type WritingWorld } from "./landed.ts";
import { Lanes } from "./lanes.ts";
import { adopt, releaseUnconfirmed } from "./old-queue.ts";
import { defaultRate } from "./rate.ts";
import { longestPause } from "./retry.ts";
import type { Observer } from "./observer.ts";
import type { SenderOptions } from "./sender-options.ts";
import type { Change, OutboxStore, Recorded, Take, Taken } from "./store.ts";
import { Withheld } from "./withheld.ts";

/** When another process is in the way, it is looked at again after this time. */
const foreignPause = 250;
/**
 * A lease outlives its attempt by this much: a busy process writes its verdict late. A dead one is
 * noticed sooner where the store can tell.
 */
const leaseMargin = 6000;

/** An attempt without a store has at least so long, whatever the run's wait is. */
const shortestAttempt = 500;

/** How often is looked whether what is withheld is still under way. */
const withheldPause = 20;
/** How often the store is asked how much waits for a host with a rate. */
const countPause = 5000;
/** A wall clock that moved by so much more than the monotonic one was set. */
const clockStep = 1000;

/**
 * Sends what is in the outbox: in order within an entity, side by side across entities, pages
 * first. It holds what is in flight and nothing else: the store says what may go out next. It sleeps
 * until an event is added, an answer comes, or a wait is over.
 */
export class Sender {
  readonly masker: Masker;
  readonly store: OutboxStore;
  readonly clock: Clock;
  readonly #options: SenderOptions;
  readonly #few: number;
  readonly #bell: Bell;
  readonly #stop = new Stopper();
  readonly #lanes: Lanes;
  readonly #flights = new Flights();
  readonly #observers = new Set<Observer>();
  #landed: Landed[] = [];
  /** What is on its way to the disk. These never reject: `#broken` is why one failed. */
  readonly #storing = new Set<Promise<void>>();
  #broken: { readonly error: unknown } | undefined;
  readonly #foreign = new ForeignAttempts();
  readonly #withheld = new Withheld();
  #syncAt = Infinity;
  /** Whether the store was looked at since something went out. */
  #looked = false;
  /** How often something was added. */
  #additions = 0;
  #countAt = 0;
  /** How far the wall clock is before the monotonic one. */
  #drift: number;
  #refusals = 0;
  #loop: Promise<void> | undefined;
  #failure: unknown;
  #resting = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#few = options.fewFlights ?? 64;
    this.store = options.store;
    this.clock = options.clock;
    this.masker = options.masker ?? new Masker();
    this.#bell = new Bell(options.clock);
    this.#stop.addEventListener("abort", () => void this.#breakOff());
    this.#lanes = new Lanes(options.rateOf ?? defaultRate);
    this.#drift = this.#wall() - options.clock.monotonic();
  }

  /**
   * Takes over what earlier processes left: in its old order, due now (a wait that was computed for
   * another process's clock means nothing here), with one probe for each blocked endpoint.
   */
  async start(): Promise<void> {
    const now = this.#wall();
    for (const endpoint of await this.store.endpoints()) {
      const probing = probeNow(endpoint, now);
      if (probing !== endpoint) {
        await this.store.changeEndpoint(endpoint.key, (stored) => probeNow(stored, now));
      }
      this.#lanes.know(probing);
    }
    await adopt(this.store, now);
    // A process may have stood still since: an old reading looks like a clock that has stepped back.
    await this.store.wake(this.#wall());
    await this.#sync();
    this.#loop = this.#run();
  }

  /** Takes notice of what was recorded. */
  add(recorded: Recorded): void {
    const { deliveries, superseded } = recorded;
    this.#options.deference?.heard(deliveries, this.clock.monotonic());
    for (const observer of this.#observers) observer.recorded?.(recorded);
    for (const one of superseded) this.#tell(one);
    for (const one of superseded) this.#lanes.of(one.endpoint).backlog -= 1;
    for (const one of deliveries) {
      if (!isUnfinished(one)) continue;
      const lane = this.#lanes.of(one.endpoint);
      lane.stocked = true;
      if (one.attempts === 0) lane.backlog += 1;
    }
    this.#looked = false;
    this.#additions += 1;
    this.#bell.ring();
  }

  /** The run that `deference` names says nothing more: all that waits may go out. */
  deferNoMore(): void {
    const { deference } = this.#options;
    if (deference?.at(this.clock.monotonic()) === undefined) return;
    deference.end();
    this.#anew();
  }
  /** More may go out than the store said. */
  #anew(): void {
    for (const lane of this.#lanes.all()) lane.stocked = true;
    this.#looked = false;
    this.#additions += 1;
    this.#bell.ring();
  }

  /**
   * Begins nothing of these order keys until `withholdNothing`: newer events of them go out without the store. Resolves
   * when nothing of them is under way any more.
   */
  async withhold(orderKeys: readonly string[]): Promise<void> {
    this.#withheld.add(orderKeys);
    const flies = () => this.#flights.some(({ delivery }) => this.#withheld.has(delivery));
    // What was asked for before that leaves when its claim is written.
    await Promise.all(this.#storing);
    while (flies()) await this.clock.sleep(withheldPause);
  }
  /** The store knows of those newer events. */
  withholdNothing(): void {
    this.#withheld.clear();
    this.#anew();
  }

  /** Looks for what other processes recorded or changed. */
  look(): void {
    this.#syncAt = this.clock.monotonic();
    this.#bell.ring();
  }

  /** Why it had to give up: the store's error. Undefined while it works. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Tells `observer` from now on; call the result to end that. */
  observe(observer: Observer): () => void {
    this.#observers.add(observer);
    this.#bell.ring();
    return () => this.#observers.delete(observer);
  }

  /** What its clocks show: monotonic, and wall. */
  moment(): { readonly now: number; readonly wall: number } {
    return { now: this.clock.monotonic(), wall: this.#wall() };
  }

  /**
   * When something may happen to a delivery: now or earlier when it is under way or final, Infinity
   * when nothing will for a long time (its endpoint is blocked, its rate used up). Monotonic.
   */
  chance(delivery: Delivery, { now, wall } = this.moment()): number {
    if (this.#failure !== undefined || !isUnfinished(delivery)) return now;
    if (delivery.state === "sending" || this.#flights.has(delivery.id)) return now;
    const pause = (delivery.nextAttemptAt ?? 0) - wall;
    const due = pause > 0 && pause <= longestPause ? now + pause : now;
    return Math.max(due, now + this.#lanes.of(delivery.endpoint).opensIn(wall));
  }

  /**
   * How often an endpoint did not take an event. While it stays, no endpoint's `chance` got worse.
   */
  get refusals(): number {
    return this.#refusals;
  }

  /**
   * How long the queue takes at the rate of its host, and that rate (events a minute). Undefined when
   * no rate makes it wait.
   */
  get queueTime(): { readonly milliseconds: number; readonly perMinute: number } | undefined {
    return this.#lanes.queueTime(this.#wall());
  }

  /** What is known of a delivery's endpoint. */
  endpoint(key: string): Endpoint {
    return this.#lanes.of(key).endpoint;
  }

  /**
   * Resolves when nothing that is in the outbox can change before `until` (monotonic). Rejects with
   * the store's error when the sender had to give up.
   */
  drain(until: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = this.observe({
        stepped: () => {
          const broken = this.#failure !== undefined;
          const over = broken || this.#stop.aborted || this.clock.monotonic() >= until;
          if (!over && this.#movesBefore(until)) return until;
          done();
          if (this.#failure === undefined) resolve();
          else reject(this.#failure);
          return Infinity;
        },
      });
      if (this.#stop.aborted || this.#failure !== undefined) this.#step();
    });
  }

  #movesBefore(until: number): boolean {
    const moves = this.#flights.size + this.#storing.size + this.#foreign.size > 0;
    if (moves || !this.#looked) return true;
    const [now, wall] = [this.clock.monotonic(), this.#wall()];
    for (const lane of this.#lanes.all()) {
      const from = lane.stocked ? now : lane.due;
      if (Math.max(from, now + lane.opensIn(wall)) < until) return true;
    }
    return false;
  }

  /** Begins nothing more; what is in flight may end until then (monotonic), not to be in doubt. Then stops. */
  async rest(until: number): Promise<void> {
    this.#resting = true;
    await this.#landing(until);
    await this.stop();
  }
  /** What is in flight, or is about to be, may end until then (monotonic). */
  async #landing(until: number): Promise<void> {
    const left = until - this.clock.monotonic();
    if (left <= 0) return;
    const landed = Promise.allSettled(this.#storing).then(() => this.#flights.landed());
    await Promise.race([landed, this.clock.sleep(left, this.#stop)]);
  }

  /**
   * When it had to give up: lets what is in flight end, until then (monotonic), and gives what the store
   * may not know. Another one can be told (`catchUp`).
   */
  async unwritten(until: number): Promise<readonly Unwritten[]> {
    await this.#loop;
    await this.#landing(until);
    this.#stop.abort();
    await this.#flights.landed();
    return this.#landed.map((one) => unwritten(one, this.#world()));
  }

  /**
   * When it had to give up: sends recorded events once, unmarked, as far as their endpoints and rates
   * admit it, until then (monotonic). Gives what became of them.
   */
  async sendUnmarked(recorded: readonly Delivery[], until: number): Promise<readonly Unwritten[]> {
    const at = this.#wall();
    const { clock, http, secrets } = this.#options;
    const left = Math.max(shortestAttempt, until - clock.monotonic());
    const timeoutMilliseconds = Math.min(this.#attemptTimeout, left);
    const lapsesAt = clock.monotonic() + timeoutMilliseconds;
    const world = { clock, http, secrets, masker: this.masker, timeoutMilliseconds, lapsesAt };
    const sent = recorded.filter((one) => this.#lanes.of(one.endpoint).admits(at));
    return Promise.all(
      sent.map(async (one) => {
        const delivery = { ...one, attempts: one.attempts + 1 };
        const ended = await attempt(delivery, world, new Stopper());
        const monotonic = clock.monotonic();
        const lane = this.#lanes.of(one.endpoint);
        const landed = { delivery, lane, attempt: ended, claimedAt: at, monotonic };
        return unwritten(landed, this.#world());
      }),
    );
  }

  /** Breaks off what is in flight; it waits, in doubt. Resolves when all of that is stored. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#bell.ring();
    await this.#loop;
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stop.aborted) {
        await this.#minded();
        if (this.#syncAt <= this.clock.monotonic()) await this.#sync();
        await this.#gather();
        if (this.#mayExchange) this.#exchange(this.#ask());
        if (this.#landed.length === 0 || !this.#mayExchange) await this.#bell.sleep(this.#step());
        if (this.#broken !== undefined) break;
      }
      await this.#onDisk();
      await this.#flights.landed();
      this.#exchange(undefined);
      await this.#onDisk();
    } catch (error) {
      // What cannot be written down must not be sent: without a record, order and count are lost. What is
      // on its way is not broken off: its answers are kept (`unwritten`).
      await Promise.all(this.#storing);
      this.#failure = error;
      this.#options.log?.write("error", "the outbox cannot be written; sending has stopped");
    }
    this.#step();
  }

  /**
   * Lets answers that are there be read, as long as a turn of the loop brings any. Where many are in flight only
   * of half of them: the others are answered while these are written down.
   */
  async #gather(): Promise<void> {
    if (this.#storing.size > 0) return;
    const { loop } = this.#options;
    let before = 0;
    while (this.#landed.length > before && this.#flights.aloft > this.#spared) {
      before = this.#landed.length;
      await loop?.turn();
    }
  }
  get #spared(): number {
    return this.#flights.size < this.#few ? 0 : this.#landed.length;
  }

  /**
   * Whether the store may be asked now. While it writes one exchange to the disk, answers of others are
   * waited for; when all have come, they need not wait for it: one sync is for all that was committed before it
   * begins. Where many are in flight, half of the rest need not wait for the others either: three are under way then.
   */
  get #mayExchange(): boolean {
    const under = this.#storing.size;
    if (under === 0) return true;
    const landed = this.#landed.length;
    const { size, aloft } = this.#flights;
    // Never without a verdict: a claim alone is not synced, and would leave before those that it may follow.
    if (landed === 0) return false;
    if (aloft === 0) return under < (size < this.#few ? 2 : 3);
    return under === 1 && size >= this.#few && landed >= aloft;
  }
  /** Resolves when nothing is under way to the disk; rejects with the store's error. */
  async #onDisk(): Promise<void> {
    await Promise.all(this.#storing);
    if (this.#broken !== undefined) throw this.#broken.error;
  }

  /** Waits are stored by the wall clock: when that was set, they are over. */
  async #minded(): Promise<void> {
    const drift = this.#wall() - this.clock.monotonic();
    const set = Math.abs(drift - this.#drift) > clockStep;
    this.#drift = drift;
    if (!set) return;
    await this.#onDisk();
    await this.store.wake(this.#wall());
    for (const lane of this.#lanes.all()) lane.stocked = true;
  }

  /** Tells the observers, and says when to wake (monotonic). */
  #step(): number {
    const [now, wall] = [this.clock.monotonic(), this.#wall()];
    let wake = this.#syncAt;
    // Whatever is on its way to the disk rings when it is there.
    const storing = this.#storing.size > 0;
    let idle = this.#flights.size === 0 && !storing;
    for (const lane of this.#lanes.all()) {
      if (storing || lane.room(this.#concurrency) <= 0) continue;
      const from = lane.stocked ? now : lane.due;
      if (from === Infinity) continue;
      const next = Math.max(from, now + Math.max(1, lane.wakesIn(wall)));
      wake = Math.min(wake, next);
      if (lane.stocked && lane.wakesIn(wall) <= 0) idle = false;
    }
    // Nothing is left that is known: one look shows what others have.
    if (idle && !this.#looked) wake = this.#syncAt = now;
    for (const observer of this.#observers) {
      wake = Math.min(wake, observer.stepped?.() ?? Infinity);
    }
    return wake;
  }

  /** What may go out, as far as is known here; undefined: nothing. */
  #ask(): Take | undefined {
    const [now, at] = [this.clock.monotonic(), this.#wall()];
    // The next of an entity may go out when the one before it is settled, through whichever address.
    const hosts = new Set(this.#landed.map(({ lane }) => lane.host));
    for (const lane of this.#lanes.all()) if (hosts.has(lane.host)) lane.stocked = true;
    const room = new Map<string, number>();
    for (const lane of this.#lanes.all()) {
      // Another process may be faster: then nothing is there, and only a look tells what became of it.
      if (lane.wake(now)) this.#looked = false;
      const free = lane.room(this.#concurrency);
      if (lane.stocked && free > 0 && lane.wakesIn(at) <= 0) room.set(lane.endpoint.key, free);
    }
    if (room.size === 0 || this.#resting) return undefined;
    return {
      at,
      leaseUntil: at + this.#lease,
      room,
      admit: (endpoint) => admit(endpoint, at),
      passesOver: this.#withheld.with(this.#options.deference?.at(now)),
      meterOf: (key) => this.#lanes.bucket(key, at),
    };
  }

  /**
   * Writes down the verdicts that came, and takes what may go out, all in one transaction. That goes out when
   * the verdicts are on disk.
   */
  #exchange(asked: Take | undefined): void {
    const landed = this.#landed;
    if (asked === undefined && landed.length === 0) return;
    this.#landed = [];
    // What was settled meanwhile may give more a turn than an earlier exchange saw.
    this.#additions += 1;
    for (const [key, free] of asked?.room ?? []) this.#lanes.of(key).asked += free;
    const storing: Promise<void> = this.#write(landed, asked)
      .catch((error: unknown) => {
        this.#landed.unshift(...landed);
        this.#broken ??= { error };
      })
      .then(() => {
        this.#storing.delete(storing);
        this.#bell.ring();
      });
    this.#storing.add(storing);
  }
  async #write(landed: readonly Landed[], asked: Take | undefined): Promise<void> {
    const now = this.clock.monotonic();
    const at = this.#wall();
    const changes = landed.map((one) => changeOf(one, at, this.#world()));
    if (asked === undefined) {
      this.#settle(landed, changes, await this.store.change(changes));
      return;
    }
    const additions = this.#additions;
    const taken = await this.store.take(asked, changes);
    for (const [key, free] of asked.room) this.#lanes.of(key).asked -= free;
    this.#settle(landed, changes, taken.changed);
    this.#learn(taken, asked, now - asked.at);
    // What was added meanwhile may be more than the store saw.
    if (additions !== this.#additions) for (const lane of this.#lanes.all()) lane.stocked = true;
    const lapsesAt = now + this.#lease;
    const { clock, http, secrets } = this.#options;
    const timeoutMilliseconds = this.#attemptTimeout;
    const world = { clock, http, secrets, masker: this.masker, timeoutMilliseconds, lapsesAt };
    for (const one of taken.deliveries) this.#fly(one, world, asked.at);
  }
  #world(): WritingWorld {
    return { clock: this.clock, random: this.#options.random };
  }

  /** `toMonotonic`: what makes a time of the wall clock one of the monotonic clock. */
  #learn(taken: Taken, { room }: Take, toMonotonic: number): void {
    for (const endpoint of taken.endpoints) this.#lanes.know(endpoint);
    for (const one of taken.deliveries) this.#lanes.of(one.endpoint).inFlight += 1;
    for (const [key, free] of room) {
      const due = taken.dry.get(key);
      const lane = this.#lanes.of(key);
      if (due !== undefined) lane.empty(due + toMonotonic);
      else if (taken.deliveries.filter((one) => one.endpoint === key).length < free) {
        this.#refusals += 1;
      }
    }
    if (taken.deliveries.length > 0) this.#looked = false;
  }

  #fly(delivery: Delivery, world: AttemptWorld, claimedAt: number): void {
    this.#tell(delivery);
    const lane = this.#lanes.of(delivery.endpoint);
    const flight = new Flight(delivery, lane, { claimedAt, begun: this.clock.monotonic() });
    this.#flights.begin(flight);
    void attempt(delivery, world, this.#stop).then((ended) => this.#land(flight, ended));
  }
  /** Whatever the network does, what is stopped ends at once; but it may say first what cannot have arrived. */
  async #breakOff(): Promise<void> {
    await this.#options.loop?.turn();
    const now = this.clock.monotonic();
    for (const one of this.#flights.underWay())
      this.#land(one, brokenOff(Math.round(now - one.begun)));
  }
  #land(flight: Flight, ended: Attempt): void {
    if (!this.#flights.end(flight)) return;
    const { delivery, lane, claimedAt } = flight;
    lane.inFlight -= 1;
    const monotonic = this.clock.monotonic();
    this.#landed.push({ delivery, lane, attempt: ended, claimedAt, monotonic });
    if (this.#mayExchange) this.#bell.ring();
  }

  #settle(landed: readonly Landed[], changes: readonly Change[], stored: readonly boolean[]): void {
    for (let index = 0; index < landed.length; index++) {
      const { delivery, lane, attempt: ended } = landed[index];
      this.#flights.settled(delivery.id);
      const { endpoint, step } = changes[index];
      lane.answered(ended.verdict.kind !== "retry", this.#concurrency);
      const before = lane.endpoint;
      const was = before.state;
      if (endpoint !== undefined) lane.endpoint = endpoint(lane.endpoint);
      if (lane.endpoint !== before) this.#refusals += 1;
      if (was === "open" && lane.endpoint.state === "blocked") this.#sayBlocked(step.next);
      if (!stored[index]) this.#syncAt = this.clock.monotonic();
      else {
        if (!isUnfinished(step.next)) lane.backlog -= 1;
        for (const observer of this.#observers) {
          observer.attempted?.(delivery, step.next, ended);
        }
        this.#tell(step.next, ended.answer);
      }
    }
  }

  #sayBlocked({ integration, reason, detail }: Delivery): void {
    this.#options.log?.write("warn", `${integration} takes no events: ${detail}`, { reason });
  }

  /** Looks at what the store holds: at the start, and when another process is at work there. */
  async #sync(): Promise<void> {
    // What was begun is in flight then, and not taken for another process's.
    await this.#onDisk();
    this.#syncAt = Infinity;
    this.#looked = true;
    const lapsed = this.#foreign.lapsed(this.clock.monotonic(), this.#lease);
    const resumed = await this.store.resume(this.#wall(), lapsed);
    for (const one of resumed) this.#tell(one);
    for (const endpoint of await this.store.endpoints()) this.#lanes.know(endpoint);
    await releaseUnconfirmed(this.store, this.#wall());
    const keys = await this.store.lanes();
    for (const key of keys) this.#lanes.of(key).stocked = true;
    const { deference } = this.#options;
    if (keys.length === 0) deference?.end();
    await this.#count();
    const sending = await this.store.list({ states: ["sending"] });
    const now = this.clock.monotonic();
    this.#foreign.watch(
      sending.filter((one) => !this.#flights.has(one.id)),
      now,
    );
    // Others' attempts are looked at again soon.
    if (this.#foreign.size > 0) this.#syncAt = now + foreignPause;
    this.#syncAt = Math.min(this.#syncAt, deference?.endsAfter(now) ?? Infinity);
    for (const observer of this.#observers) {
      for (const id of observer.pending?.() ?? []) {
        const one = this.#flights.has(id) ? undefined : await this.store.get(id);
        if (one !== undefined) observer.changed?.(one);
      }
    }
  }

  /** Asks how much waits for hosts that have a rate. */
  async #count(): Promise<void> {
    const now = this.clock.monotonic();
    if (now < this.#countAt) return;
    this.#countAt = now + countPause;
    for (const lane of this.#lanes.all()) {
      if (lane.meter !== undefined) lane.backlog = await this.store.backlog(lane.endpoint.key);
    }
  }

  #tell(delivery: Delivery, answer?: Answer): void {
    for (const observer of this.#observers) observer.changed?.(delivery, answer);
  }
  #wall(): number {
    return wallMilliseconds(this.clock);
  }
  get #concurrency(): number {
    return this.#options.concurrency ?? 512;
  }
  get #lease(): number {
    return this.#attemptTimeout + leaseMargin;
  }
  get #attemptTimeout(): number {
    return this.#options.attemptTimeout ?? 10_000;
  }
}
