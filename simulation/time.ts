import type { Clock, Signal } from "@tocsin/platform/host";

interface Timer {
  readonly due: number;
  readonly number: number;
  readonly act: () => void;
}

/** Time of a simulated world, in milliseconds: it moves only when everybody waits. */
export class Time {
  now = 0;
  /** What administrators and NTP have added to the wall clock, and how often. */
  stepped = 0;
  clockSteps = 0;
  clockSteppedAt = -Infinity;
  /** How often the power failed: nothing that was sent before is on its way then. */
  outages = 0;
  readonly #timers: Timer[] = [];
  #count = 0;
  #outside = 0;

  /** The wall clock is set to another time. */
  step(milliseconds: number): void {
    this.stepped += milliseconds;
    this.clockSteps += 1;
    this.clockSteppedAt = this.now;
  }
  after(milliseconds: number, act: () => void): void {
    const timer = { due: this.now + Math.max(0, milliseconds), number: this.#count++, act };
    const timers = this.#timers;
    let at = timers.length;
    timers.push(timer);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(timer, timers[parent])) break;
      timers[at] = timers[parent];
      at = parent;
    }
    timers[at] = timer;
  }

  /** Waits for something that takes real time: none passes here meanwhile. */
  async outside<T>(work: Promise<T>): Promise<T> {
    this.#outside += 1;
    try {
      return await work;
    } finally {
      this.#outside -= 1;
    }
  }
  /** Every promise that can go on has gone on. */
  async #settled(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#outside > 0);
  }

  /** Lets the world live for a while. What is due at the same moment happens in the order of asking. */
  async run(milliseconds: number): Promise<void> {
    const end = this.now + Math.max(0, milliseconds);
    await this.#settled();
    for (;;) {
      const next = this.#take(end);
      if (next === undefined) break;
      this.now = next.due;
      next.act();
      await this.#settled();
    }
    this.now = end;
  }

  #take(end: number): Timer | undefined {
    const timers = this.#timers;
    const first = timers[0];
    if (first === undefined || first.due > end) return undefined;
    const last = timers.pop();
    if (last === undefined || timers.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= timers.length) break;
      if (child + 1 < timers.length && before(timers[child + 1], timers[child])) child += 1;
      if (!before(timers[child], last)) break;
      timers[at] = timers[child];
      at = child;
    }
    timers[at] = last;
    return first;
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.number < b.number);
}

/** The wall clock when a world begins. */
export const start = 1_700_000_000_000;

/**
 * A process that can die between any two steps, and stand still. Everything that comes to it from
 * outside comes through it: a dead one learns nothing more, one that stands still learns it later.
 */
export class Process {
  readonly time: Time;
  readonly name: string;
  readonly begunAt: number;
  readonly clock: Clock;
  alive = true;
  /** What it learned is on disk after so long (milliseconds), when it works. */
  notesWithin = 16_000;
  /** When it died, stood still, or its disk failed: what happens then may be repeated. */
  readonly #troubles: { readonly from: number; readonly to: number; readonly disk: boolean }[] = [];
  /** Steps of the process until it is killed. */
  fuse = Infinity;
  /** Steps of the process until it stands still, and for how long. */
  stall: { steps: number; readonly milliseconds: number } | undefined;
  #heldUntil = 0;
  readonly #ends: (() => void)[] = [];

  readonly #tell: (fault: string) => void;

  /** `tell` hears of each fault that strikes it. */
  constructor(name: string, time: Time, tell: (fault: string) => void = () => undefined) {
    this.#tell = tell;
    this.name = name;
    this.time = time;
    this.begunAt = time.now;
    this.clock = {
      now: () => BigInt(start + Math.round(time.now + time.stepped)) * 1_000_000n,
      monotonic: () => time.now,
      sleep: (milliseconds, signal) => this.#sleep(milliseconds, signal),
    };
  }
  /** One step: the process may die here. Gives a promise that a dead process waits for, for ever. */
  async step(): Promise<void> {
    this.fuse -= 1;
    if (this.fuse <= 0 && this.alive) {
      this.#tell("killed at a step");
      this.kill();
    }
    if (!this.alive) await new Promise(() => undefined);
    if (this.stall !== undefined && (this.stall.steps -= 1) <= 0) {
      this.hold(this.stall.milliseconds);
      this.stall = undefined;
      await this.wait(0);
    }
  }
  /** After a while, when it lives and does not stand still. */
  async wait(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.time.after(milliseconds, () => this.reach(resolve));
    });
  }
  /** Something arrives at the process. */
  reach(act: () => void): void {
    if (!this.alive) return;
    const left = this.#heldUntil - this.time.now;
    if (left > 0) this.time.after(left, () => this.reach(act));
    else act();
  }
  hold(milliseconds: number): void {
    this.#tell(`held for ${milliseconds / 1000} s`);
    this.#heldUntil = Math.max(this.#heldUntil, this.time.now + milliseconds);
    this.trouble(this.#heldUntil);
  }
  /** Something is wrong with it from now on, until `to`. */
  trouble(to = this.time.now): void {
    this.#troubles.push({ from: this.time.now, to, disk: false });
  }
  /** Its disk fails now. */
  diskTrouble(): void {
    this.#troubles.push({ from: this.time.now, to: this.time.now, disk: true });
  }
  /** Whether it was dead, or stood still, at some moment between these. */
  absent(from: number, to: number): boolean {
    return this.#troubles.some((one) => !one.disk && one.from <= to && one.to >= from);
  }
  /** Whether something was wrong with it at some moment between these. */
  troubled(from: number, to = Infinity): boolean {
    return this.#troubles.some((one) => one.from <= to && one.to >= from);
  }
  kill(): void {
    if (!this.alive) return;
    this.trouble();
    this.exit();
  }
  /** It has nothing more to do. */
  exit(): void {
    this.alive = false;
    for (const end of this.#ends) end();
  }
  /** Is called when it dies. */
  atEnd(act: () => void): void {
    this.#ends.push(act);
  }

  #sleep(milliseconds: number, signal?: Signal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.time.after(milliseconds, () => this.reach(resolve));
      signal?.addEventListener("abort", resolve);
    });
  }
}
