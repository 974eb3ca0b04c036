import { Masker, type OutgoingRequest } from "@tocsin/alerting/oncall";
import {
  Deference,
  type OutboxStore,
  type Rate,
  rescue,
  type RunDeliveries,
  runDeliveries,
  Sender,
  StoreError,
} from "@tocsin/alerting/delivery";
import { type Http, seeded } from "@tocsin/platform/host";
import { Disk, Handle } from "./disk.ts";
import { judge } from "./laws.ts";
import { type Emitted, Ledgers } from "./ledgers.ts";
import { type Medium, media, type MediumName } from "./medium.ts";
import { operate } from "./operator.ts";
import { firstKey, type Scenario, type Step } from "./scenario.ts";
import { ScriptRun } from "./script-run.ts";
import { Service } from "./service.ts";
import { Process, Time } from "./time.ts";

/** What became of a scenario. */
interface Outcome {
  /** Each law that was broken, and how. Empty: all hold. */
  readonly violations: readonly string[];
  readonly faults: ReadonlyMap<string, number>;
  readonly events: number;
  /** Requests that the service got twice, because it could not be known that it had them. */
  readonly repeats: number;
}

/** Small, so that few events make it felt. */
const rate: Rate = { perMinute: 60, burst: 4 };
/** Backoff, `Retry-After`, probes and leases are over after this, and the rate has let all through. */
const goodTimes = 20 * 60_000;
/** A clock that steps back makes a silence longer, by no more than the longest one. */
const longerSilence = 15 * 60_000;
/** How long a snapshot lay there before it was restored. */
const oldSnapshot = 4 * 3_600_000;

/** Plays a scenario, lets all be well, and judges. */
export async function play(scenario: Scenario, medium: MediumName = "memory"): Promise<Outcome> {
  const world = new World(scenario, media[medium]());
  await world.live();
  const { ledgers } = world;
  const { steps, until } = scenario;
  // A clock that jumps by hours looks like a restored snapshot: events are held then, and shown.
  const mayHold = steps.some(
    (one) => one.kind === "restore" || (one.kind === "clock" && one.milliseconds > 1e7),
  );
  const mayDiscard = steps.some((one) => one.kind === "person" && one.command.includes("discard"));
  const leave = { mayHold: mayHold || until > 1e7, mayDiscard };
  await world.disk.read((store) => judge(ledgers, store, leave));
  await world.end();
  rateKept(scenario, world);
  for (const at of rateSpent(world.arrivals)) ledgers.fault(at);
  const accepted = ledgers.received.filter((one) => one.effect === "accepted");
  return {
    violations: ledgers.violations,
    faults: ledgers.faults,
    events: ledgers.emitted.size,
    repeats: accepted.length - new Set(accepted.map((one) => one.number)).size,
  };
}

/** What was claimed may arrive later, and a clock that steps forward, or a power cut, fills the bucket. */
function rateKept({ steps }: Scenario, { ledgers, arrivals }: World): void {
  const kinds = steps.map((step) => step.kind);
  const bends: readonly Step["kind"][] = ["hold", "power cut", "clock", "restore"];
  if (kinds.some((kind) => bends.includes(kind)) || ledgers.unmarked.size > 0) return;
  arrivals.forEach((last, index) => {
    for (let first = Math.max(0, index - 30); first < index; first++) {
      const most = rate.burst + ((last - arrivals[first] + 500) * rate.perMinute) / 60_000;
      if (index - first + 1 <= most) continue;
      return ledgers.violate("the rate is kept", `${index - first + 1} until ${last}`);
    }
  });
}

/** How often so many had come that the next had to wait for its token. */
function rateSpent(arrivals: readonly number[]): string[] {
  const full = (rate.burst * 60_000) / rate.perMinute;
  return arrivals
    .filter((at, index) => index >= rate.burst && at - arrivals[index - rate.burst] < full * 1.01)
    .map(() => "rate used up");
}

/** A process with its sender; another one after its outbox failed. */
interface Worker {
  readonly process: Process;
  handle: Handle;
  readonly http: Http;
  readonly masker: Masker;
  sender: Sender;
  readonly ready: Promise<boolean>;
  /** Of the runs that this sender had. */
  gates: RunDeliveries[];
}

class World {
  readonly ledgers = new Ledgers();
  readonly disk: Disk;
  readonly #time = new Time();
  readonly #scenario: Scenario;
  readonly #service: Service;
  readonly #workers: (Worker | undefined)[] = [];
  /** Of each slot the script that was begun last, and all that live. */
  readonly #scripts: (ScriptRun | undefined)[] = [];
  readonly #living = new Set<ScriptRun>();
  /** Those of people's commands that are under way. */
  readonly #people = new Set<Process>();
  #processes = 0;
  /** The key that scripts and senders find among the secrets. */
  #secret: string | undefined = firstKey;
  #lastSecret = firstKey;
  #tidied = true;

  constructor(scenario: Scenario, medium: Medium) {
    this.#scenario = scenario;
    this.disk = new Disk(this.ledgers, seeded(scenario.seed + 1), medium);
    this.#service = new Service(this.ledgers, scenario.seed + 2, scenario.weather);
  }

  get arrivals(): readonly number[] {
    return this.#service.arrivals;
  }

  async live(): Promise<void> {
    for (const step of this.#scenario.steps) {
      await this.#time.run(step.at - this.#time.now);
      this.#look();
      await this.#do(step);
    }
    await this.#time.run(this.#scenario.until - this.#time.now);
    if (!this.#scenario.goesOn) this.#killAll();
    const end = this.#time.now + goodTimes + (this.#time.clockSteps > 0 ? longerSilence : 0);
    const slots = this.#scenario.two ? [0, 1] : [0];
    for (let pause = 500; this.#time.now < end; pause = Math.min(60_000, pause * 2)) {
      this.#look();
      // Nobody else records, so one alone needs no reminder: what is due wakes it.
      const one = slots.length === 1 && !this.#scenario.scripts;
      const alone = one && this.#workers[0]?.process.alive === true;
      for (const slot of slots) if (!alone) this.#worker(slot).sender.look();
      if (pause < 1000 || pause === 16_000 || !this.#tidied) void this.#tidy();
      await this.#time.run(pause);
    }
  }
  async end(): Promise<void> {
    this.#killAll();
    await this.#time.run(0);
    await this.disk.close();
  }
  #killAll(): void {
    for (const worker of this.#workers) worker?.process.kill();
    for (const { process } of this.#living) process.kill();
    for (const person of this.#people) person.kill();
  }
  #unplugAll(): void {
    this.#time.outages += 1;
    this.#killAll();
  }
  /** Whoever held events lets them go in the end, and sends what was parked. */
  async #tidy(): Promise<void> {
    const { steps, until } = this.#scenario;
    const long = until > 1e7;
    // Who finds the disk full tries again.
    this.#tidied = !long || (await this.#person("retry --state parked", 0));
    if (long || steps.some((one) => one.kind === "person"))
      this.#tidied = (await this.#person("release --all", 0)) && this.#tidied;
    for (const worker of this.#workers) if (worker?.process.alive === true) worker.sender.look();
  }
  #look(): void {
    if (!this.#scenario.looks) return;
    for (const worker of this.#workers) {
      if (worker?.sender.failure === undefined) worker?.sender.look();
    }
  }

  async #do(step: Step): Promise<void> {
    switch (step.kind) {
      case "page":
        return void (this.#scenario.scripts
          ? this.#script(step.slot, step.run, step.wait)
          : this.#page(step.slot, step.run, step.wait));
      case "power cut":
        this.ledgers.fault("power cut");
        this.#unplugAll();
        return this.disk.powerCut();
      case "clock":
        this.ledgers.fault(clockFault(step.milliseconds));
        return this.#time.step(step.milliseconds);
      case "service's key":
        this.#service.key = step.key;
        return;
      case "secret":
        this.ledgers.fault(step.key === undefined ? "secret gone" : "secret written anew");
        this.#secret = step.key;
        this.#lastSecret = step.key ?? this.#lastSecret;
        return;
      case "person":
        return void this.#person(step.command, step.chance);
      case "snapshot":
        return this.disk.keep();
      case "restore":
        this.ledgers.fault("snapshot restored");
        this.#unplugAll();
        await this.disk.restore();
        return this.#time.run(oldSnapshot);
      default:
        return this.#trouble(step);
    }
  }

  async #person(command: string, chance: number): Promise<boolean> {
    const name = `person ${++this.#processes}`;
    const { ledgers, disk } = this;
    ledgers.fault(`a person: ${command.split(" ")[0]}`);
    this.#service.mayAsk();
    const process = new Process(name, this.#time);
    this.#people.add(process);
    process.atEnd(() => this.#people.delete(process));
    const worked = await operate(command, { process, disk, ledgers, chance });
    this.#service.mayAsk();
    return worked;
  }

  #trouble(step: Extract<Step, { slot: number }>): void {
    const script = this.#scripts[step.slot];
    const worker = script?.process.alive === true ? script : this.#workers[step.slot];
    if (worker === undefined || !worker.process.alive) return;
    const { process, handle } = worker;
    switch (step.kind) {
      case "kill":
        process.fuse = step.steps;
        return;
      case "stop":
        this.ledgers.fault("asked to stop");
        if (worker instanceof ScriptRun) return void worker.stop();
        process.trouble();
        void worker.sender.stop().then(() => process.kill());
        return;
      case "hold":
        if (step.steps === 0) process.hold(step.milliseconds);
        else process.stall = { steps: step.steps, milliseconds: step.milliseconds };
        return;
      case "disk":
        handle?.strike({
          failure: step.failure,
          when: step.when,
          skip: step.skip,
          left: step.left,
        });
        return;
      case "page":
    }
  }

  /** `runs`: the run that a new process is for. */
  #worker(slot: number, runs?: { readonly run: string; readonly wait: number }): Worker {
    const living = this.#workers[slot];
    if (living?.process.alive === true) return living;
    const tell = (fault: string): void => this.ledgers.fault(fault);
    const process = new Process(`process ${++this.#processes}`, this.#time, tell);
    const handle = this.disk.open(process);
    // A new process may ask a blocked endpoint at once, also one that was blocked while it started.
    this.#service.mayAsk();
    const http = this.#service.http(process);
    const masker = new Masker();
    const until = process.clock.monotonic() + Math.min(5000, (runs?.wait ?? 0) / 2);
    const deference = runs === undefined ? undefined : new Deference(runs.run, until);
    const sender = this.#sender(handle, { process, masker }, deference);
    const started = sender.start().then(
      () => (this.#service.mayAsk(), true),
      () => (process.kill(), false),
    );
    const worker = { process, handle, http, masker, sender, ready: started, gates: [] };
    this.#minds(worker);
    this.#workers[slot] = worker;
    return worker;
  }
  #sender(
    store: OutboxStore,
    { process, masker, alone }: Pick<Worker, "process" | "masker"> & { alone?: boolean },
    deference?: Deference,
  ): Sender {
    const { shown } = this.ledgers;
    // What a sender without a store sends may come again.
    const unmarked = alone === true ? "alone" : "unmarked";
    const closed = (): boolean => store instanceof Handle && store.closed;
    const excuse = (): string =>
      alone === true || made.failure !== undefined || closed() ? unmarked : "";
    const http = this.#service.http(process, excuse);
    const made: Sender = new Sender({
      store,
      clock: process.clock,
      random: seeded(this.#scenario.seed * 31 + this.#processes),
      http,
      secrets: { get: async () => this.#secret },
      masker,
      rateOf: () => rate,
      deference,
      // What is behind a small window is taken later than the verdict that it follows.
      concurrency: this.#scenario.seed % 3 === 0 ? 2 : 512,
      // Three exchanges are under way then, with few events, too.
      ...(this.#scenario.seed % 5 === 4 ? { fewFlights: 2 } : {}),
      // Anything may happen in a turn of the loop, too.
      loop: { due: () => false, turn: () => process.step().then(() => process.wait(0)) },
      log: { write: (...words) => void shown.push(JSON.stringify(words)) },
    });
    return made;
  }

  /** A process whose outbox fails lives on, and so must what it knows. */
  #minds(worker: Worker): void {
    const { sender } = worker;
    const stepped = (): number => {
      const { failure } = sender;
      if (failure === undefined) return Infinity;
      done();
      if (!(failure instanceof StoreError)) {
        this.ledgers.violate("the sender works", String(failure));
      }
      void this.#rescue(worker).catch((error: unknown) => {
        this.ledgers.violate("the rescue works", String(error));
      });
      return Infinity;
    };
    const done = sender.observe({ stepped });
    // It may have failed before anybody looked.
    stepped();
  }
  async #rescue(worker: Worker): Promise<void> {
    const { process, sender: broken, gates } = worker;
    const handles = [worker.handle];
    const open = async (): Promise<Handle> => {
      handles.push(this.disk.open(process, worker.handle));
      return (worker.handle = handles[handles.length - 1]);
    };
    const own = gates.flatMap((gate) => gate.deliveries);
    const { sender, unmarked } = await rescue(
      { sender: broken, own, sent: [] },
      {
        open,
        begin: async (store) => {
          // As a new process does.
          this.#service.mayAsk();
          // The process knows that these are closed; others take them for open while it lives.
          for (const one of handles) if (one !== store) await one.end();
          const made = this.#sender(store, worker);
          await made.start();
          this.#service.mayAsk();
          return made;
        },
        supersede: this.#scenario.supersede,
        until: process.clock.monotonic() + 12_000,
      },
    );
    for (let count = 0; count < unmarked; count++) this.ledgers.fault("sent unmarked");
    if (sender === undefined) return process.kill();
    this.ledgers.noted(process);
    worker.sender = sender;
    worker.gates = [];
    this.#minds(worker);
  }

  /** A script runs, unless the same run is under way. */
  async #script(slot: number, run: string, wait: number): Promise<void> {
    if ([...this.#living].some((one) => one.run === run)) return;
    const { ledgers, disk } = this;
    const tell = (fault: string): void => ledgers.fault(fault);
    const process = new Process(`script ${++this.#processes}`, this.#time, tell);
    const key = this.#lastSecret;
    const masker = new Masker();
    masker.add("KEY", key);
    const { supersede, seed, runs } = this.#scenario;
    const options = { run, wait, supersede, events: runs[run] };
    const script = new ScriptRun(options, {
      process,
      disk,
      ledgers,
      time: this.#time,
      masker,
      http: this.#service.http(process),
      random: seeded(seed * 131 + this.#processes),
      sender: (store, { alone, deference }) =>
        this.#sender(store, { process, masker, alone }, deference),
      requestOf: (one) => requestOf(one, key),
      mayAsk: () => this.#service.mayAsk(),
    });
    this.#scripts[slot] = script;
    this.#living.add(script);
    process.atEnd(() => this.#living.delete(script));
    await script.play().catch((error: unknown) => {
      ledgers.violate(
        "the run works",
        error instanceof Error ? String(error.stack) : String(error),
      );
    });
  }

  async #page(slot: number, run: string, wait: number): Promise<void> {
    const { supersede } = this.#scenario;
    const worker = this.#worker(slot, supersede ? { run, wait } : undefined);
    const { process, sender, http, masker } = worker;
    if (!(await worker.ready)) return;
    const key = this.#lastSecret;
    masker.add("KEY", key);
    const gate = runDeliveries(sender, { runId: run, http, wait, supersede });
    worker.gates.push(gate);
    const events = this.#scenario.runs[run];
    for (const one of events) this.ledgers.emitted.set(one.number, one);
    try {
      const handed = await gate.deliver(events.map((one) => requestOf(one, key)));
      handed.forEach(({ settled }, index) => {
        void settled.then((settlement) => {
          this.ledgers.shown.push(JSON.stringify(settlement));
          if (settlement.state === "accepted") this.ledgers.believed(events[index].number);
        });
      });
      await this.#finished(gate, process, wait);
    } catch (error) {
      // The outbox failed: the run has said so.
      if (!(error instanceof StoreError)) this.ledgers.violate("the run works", String(error));
    }
  }

  /** A run never outlasts its wait by more than a second, unless its process or disk stood still. */
  async #finished(gate: RunDeliveries, process: Process, wait: number): Promise<void> {
    const latest = this.#time.now + wait + 1000;
    let over = false;
    this.#time.after(latest + 500 - this.#time.now, () => {
      const troubled = process.troubled(latest - wait - 20_000) || !process.alive;
      if (!over && !troubled && process.fuse === Infinity) {
        this.ledgers.violate("the wait is kept", `${process.name} waits after ${latest}`);
      }
    });
    const { deliveries } = await gate.finish();
    over = true;
    this.ledgers.shown.push(JSON.stringify(deliveries));
  }
}

function clockFault(milliseconds: number): string {
  const size = Math.abs(milliseconds) > 1e10 ? "ten years" : "up to an hour";
  return `clock ${size} ${milliseconds < 0 ? "back" : "forward"}`;
}

function requestOf({ number, entity, type }: Emitted, key: string): OutgoingRequest {
  const body = {
    message_type: type,
    ...(entity === "" ? {} : { entity_id: entity }),
    state_message: `${key} failed ${number}`,
    state_start_time: 1_700_000_000,
  };
  return {
    method: "POST",
    url: `https://alert.victorops.com/integrations/generic/20131114/alert/${key}/ops`,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    integration: "victorops",
  };
}
