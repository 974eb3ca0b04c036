import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@tocsin/adapters/host-node";
import { hasOutbox, openSqliteOutbox } from "@tocsin/adapters/outbox";
import type { JournalEntry } from "@tocsin/alerting/delivery";
import { type Random, seeded } from "@tocsin/platform/host";
import { type Sandbox, startSandbox } from "../../apps/tocsin/src/sandbox.ts";
import { compare, type Comparison, type Line, lineOf } from "./ledger.ts";
import { calm, Proxy, textOf, type Weather } from "./proxy.ts";
import { key, pages, type Subject } from "./subjects.ts";

/** How a round is played. */
export interface RoundOptions {
  readonly seed: number;
  /** Events of a script. */
  readonly count: number;
  readonly entities: number;
  /** How long a run takes in peace. Milliseconds. */
  readonly peace: number;
  /** Whether a process may stand still for longer than its lease. */
  readonly long?: boolean;
  /** Whether a script that failed or was killed is run again when all is well. Default true. */
  readonly again?: boolean;
}

/** What a round came to. */
export interface Round extends Comparison {
  readonly seed: number;
  readonly emitted: number;
  readonly faults: ReadonlyMap<string, number>;
  /** Of the repeated: without a lost answer or a killed sender that made it necessary. */
  readonly needless: number;
  /** Exit code of the last command. */
  readonly exitCode: number;
  /** What the commands wrote for people, and whether the key was in it. */
  readonly said: string;
  readonly shown: boolean;
  /** Of each entity that is out of order: what the service got, and what the outbox says of it. */
  readonly stories: readonly string[];
}

/** On the way to the service while there are faults. */
const storm: Weather = {
  refused: 0.03,
  cutRequest: 0.03,
  busy: 0.03,
  lostAnswer: 0.04,
  resetAnswer: 0.03,
  cutAnswer: 0.03,
  delayed: 0.81,
  delay: 20,
};
/** A command that takes longer hangs. Milliseconds. */
const longest = 60_000;
/** Longer than a lease. */
const longStop = 18_000;

/** A system call of the sender that does not go well, as strace's `inject` says it. */
export interface Injection {
  readonly calls: string;
  readonly effect: "signal=SIGKILL" | "error=EIO" | "error=ENOSPC";
  readonly when: string;
}

/**
 * One script runs while one of its system calls does not go well; then all is well. Undefined: the
 * script made fewer calls, and nothing happened.
 */
export async function playInjection(
  subject: Subject,
  injection: Injection,
  options: RoundOptions,
): Promise<Round | undefined> {
  const stage = await Stage.open(subject, options);
  try {
    stage.proxy.weather = calm(5);
    const { code, struck } = await stage.traced("a", injection);
    if (!struck) return undefined;
    // Who was told that pages went out unprotected does not run the script again.
    let last: Pick<Ended, "code"> = { code };
    if (code === undefined) last = await stage.run("a");
    else if (code !== 0) last = await stage.send();
    return await stage.judge(["a"], last.code ?? -1);
  } finally {
    await stage.close();
  }
}

/**
 * One script runs on a file system of 2 MB that fills up; then there is room again. Undefined: this
 * user may not make one here.
 */
export async function playFullDisk(
  subject: Subject,
  options: RoundOptions,
): Promise<Round | undefined> {
  const stage = await Stage.open(subject, options);
  try {
    stage.proxy.weather = calm(5);
    const room = stage.smallDisk(Math.floor(stage.random.next() * 300_000));
    if (room === undefined) return undefined;
    let last = await stage.run("a");
    room();
    if (last.code !== 0) last = await stage.send();
    return await stage.judge(["a"], last.code ?? -1);
  } finally {
    await stage.close();
  }
}

/** How long the subject takes for a script when nothing is wrong. Milliseconds. */
export async function peaceOf(
  subject: Subject,
  options: { count: number; entities: number },
): Promise<number> {
  const stage = await Stage.open(subject, { ...options, seed: 1, peace: 0 });
  try {
    stage.proxy.weather = calm(storm.delay);
    const started = performance.now();
    const { code } = await stage.run("a");
    if (code !== 0) throw new Error(`in peace, ${subject.name} ends with ${code}`);
    return performance.now() - started;
  } finally {
    await stage.close();
  }
}

/**
 * Two scripts run while answers get lost and processes are killed, stopped and started again; then
 * all is well, and whoever was told that something did not work tries again.
 */
export async function playRound(subject: Subject, options: RoundOptions): Promise<Round> {
  const stage = await Stage.open(subject, options);
  try {
    const { random } = stage;
    const follower = random.next() < 0.3 ? stage.follow() : undefined;
    const two = random.next() < 0.4;
    const tags = two ? ["a", "b"] : ["a"];
    const ends = await Promise.all(tags.map((tag) => stage.trouble(tag)));
    stage.proxy.weather = calm(5);
    let exitCode = 0;
    for (const [index, tag] of tags.entries()) {
      const { code, unprotected } = ends[index];
      // Who was told that pages went out unprotected, and arrived, does not run the script again.
      if (code !== 0 && !unprotected && options.again !== false)
        exitCode = (await stage.run(tag)).code ?? -1;
    }
    if (subject.send !== undefined && ends.some(({ code }) => code !== 0)) {
      exitCode = (await stage.send()).code ?? -1;
    }
    follower?.kill("SIGTERM");
    return await stage.judge(tags, exitCode);
  } finally {
    await stage.close();
  }
}

interface Ended {
  /** Undefined: it was killed. */
  readonly code: number | undefined;
  /** Whether it said that all went out though nothing could be recorded: the outbox was held too long. */
  readonly unprotected: boolean;
}

/** A service, the way to it, and a folder to work in. */
class Stage {
  readonly random: Random;
  readonly proxy: Proxy;
  readonly #subject: Subject;
  readonly #options: RoundOptions;
  readonly #sandbox: Sandbox;
  readonly #folder: string;
  readonly #origin: string;
  readonly #children = new Set<ChildProcess>();
  readonly #faults = new Map<string, number>();
  #kills = 0;
  /** What the commands wrote for people. */
  #said = "";
  #mounted: string | undefined;

  static async open(subject: Subject, options: RoundOptions): Promise<Stage> {
    const sandbox = await startSandbox({ clock: systemClock });
    const random = seeded(options.seed);
    const port = Number(sandbox.origin.split(":")[2]);
    const proxy = new Proxy(port, { weather: storm, random: seeded(options.seed + 1) });
    const origin = await proxy.listen();
    return new Stage({ subject, options, sandbox, proxy, origin, random });
  }
  private constructor(made: {
    subject: Subject;
    options: RoundOptions;
    sandbox: Sandbox;
    proxy: Proxy;
    origin: string;
    random: Random;
  }) {
    this.#subject = made.subject;
    this.#options = made.options;
    this.#sandbox = made.sandbox;
    this.proxy = made.proxy;
    this.#origin = made.origin;
    this.random = made.random;
    this.#folder = mkdtempSync(join(tmpdir(), "tocsin-real-"));
    mkdirSync(join(this.#folder, "data"));
  }
  async close(): Promise<void> {
    for (const child of this.#children) signal(child, "SIGKILL");
    await this.proxy.close();
    await this.#sandbox.close();
    if (this.#mounted !== undefined) spawnSync("umount", [this.#mounted]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Runs a script to its end, in peace. */
  run(tag: string): Promise<Ended> {
    return this.#start(this.#subject.run(this.#place(tag))).ended;
  }
  /** Runs a script under strace. */
  async traced(
    tag: string,
    { calls, effect, when }: Injection,
  ): Promise<Ended & { struck: boolean }> {
    const log = join(this.#folder, "strace");
    const inject = `inject=${calls}:${effect}:when=${when}`;
    // Calls are counted by thread: one thread makes all syncs.
    const counted = ["strace", "-f", "-qq", "-E", "UV_THREADPOOL_SIZE=1", "-o", log];
    const traced = [...counted, "-e", `trace=${calls}`, "-e", inject];
    const end = await this.#start([...traced, ...this.#subject.run(this.#place(tag))]).ended;
    const struck = /INJECTED|killed by SIGKILL/.test(readFileSync(log, "utf8"));
    // What could not be written down may have to be sent again, as after a kill.
    if (struck) this.#kills += 1;
    return { ...end, struck };
  }
  /**
   * Puts the data folder on a file system of its own, with so many bytes left. Gives what makes room
   * there; undefined when this user may not do that.
   */
  smallDisk(left: number): (() => void) | undefined {
    const { data } = this.#place("");
    const size = 2 * 1024 * 1024;
    const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", data]);
    if (status !== 0) return undefined;
    this.#mounted = data;
    this.#kills += 1;
    const filler = join(data, "filler");
    writeFileSync(filler, Buffer.alloc(size - left - 8192));
    return () => rmSync(filler);
  }
  /** Sends what waits. */
  send(): Promise<Ended> {
    return this.#start(this.#subject.send?.(this.#place("")) ?? ["true"]).ended;
  }
  /** Lets another process work at the queue. */
  follow(): ChildProcess | undefined {
    const command = this.#subject.follow?.(this.#place(""));
    return command === undefined ? undefined : this.#start(command).child;
  }
  /** Runs a script, and disturbs it, until it ends well or is given up. Gives its last end. */
  async trouble(tag: string): Promise<Ended> {
    let last: Ended = { code: undefined, unprotected: false };
    const times = 1 + Math.floor(this.random.next() * 3);
    for (let time = 0; time < times; time++) {
      last = await this.#disturbed(this.#subject.run(this.#place(tag)));
      if (last.code === 0 || last.unprotected) return last;
      const command = this.#subject.send?.(this.#place(tag));
      // Somebody, or a timer, sends what waits in between; that is disturbed as well.
      if (command !== undefined && this.random.next() < 0.4) await this.#disturbed(command);
    }
    return last;
  }

  #place(tag: string) {
    const script = join(this.#folder, `${tag}.flux`);
    const { count, entities } = this.#options;
    const place = { script, data: join(this.#folder, "data"), run: `run-${tag}` };
    if (tag !== "") writeFileSync(script, pages({ origin: this.#origin, count, entities, tag }));
    return place;
  }

  async #disturbed(command: readonly string[]): Promise<Ended> {
    const { child, ended } = this.#start(command);
    const after = this.random.next() * this.#options.peace * 1.1;
    const what = this.random.next();
    const timer = setTimeout(() => {
      if (what < 0.7) this.#strike(child, "SIGKILL");
      else if (what < 0.8) this.#strike(child, "SIGTERM");
      else this.#pause(child);
    }, after);
    const end = await ended;
    clearTimeout(timer);
    return end;
  }
  #strike(child: ChildProcess, name: "SIGKILL" | "SIGTERM"): void {
    if (child.exitCode !== null || child.signalCode !== null) return;
    this.#kills += 1;
    this.#count(name);
    signal(child, name);
  }
  #pause(child: ChildProcess): void {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const long = this.#options.long === true && this.random.next() < 0.15;
    this.#kills += 1;
    this.#count(long ? "SIGSTOP past the lease" : "SIGSTOP");
    signal(child, "SIGSTOP");
    const pause = long ? longStop : this.random.next() * 500;
    setTimeout(() => signal(child, "SIGCONT"), pause);
  }
  #count(kind: string): void {
    this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1);
  }

  #start(command: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
    const [program, ...args] = command;
    // A group of its own, so that a program behind a shell is stopped with it.
    const child = spawn(program, args, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
    this.#children.add(child);
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      this.#said += text;
    });
    const hung = setTimeout(() => {
      this.#count("hung");
      signal(child, "SIGKILL");
    }, longest);
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => {
        clearTimeout(hung);
        this.#children.delete(child);
        const unprotected = said.includes("without being recorded first; a crash would have");
        resolve({ code: code ?? undefined, unprotected });
      });
    });
    return { child, ended };
  }

  async judge(tags: readonly string[], exitCode: number): Promise<Round> {
    const { count, entities, seed } = this.#options;
    const emitted = tags.flatMap((tag) =>
      Array.from({ length: count }, (_one, index): Line => {
        return { entity: `${tag}${index % entities}`, said: `number ${index} of ${tag}` };
      }),
    );
    const received = this.#sandbox.requests().map((one) => lineOf(one.body));
    const faults = new Map([...this.#faults, ...this.proxy.faults]);
    const histories = await this.#histories();
    const needless = this.#needless(received, histories);
    const said = this.#said;
    const told = { seed, faults, needless, exitCode, said, shown: said.includes(key) };
    // Whose sender was killed, by the outbox's own account, before it had read an answer.
    const killed = ({ said: text }: Line) =>
      histories?.get(text)?.some((one) => one.reason === "interrupted") ?? false;
    const compared = compare(emitted, received, killed);
    const stories: string[] = [];
    for (const entity of compared.disordered) stories.push(...(await this.#story(entity)));
    return { ...compared, emitted: emitted.length, ...told, stories };
  }

  async #story(entity: string): Promise<string[]> {
    const lines = this.#sandbox.requests().flatMap(({ at, body, effect }) => {
      const line = lineOf(body);
      return line.entity === entity ? [`${at} the service got ${line.said}: ${effect}`] : [];
    });
    const { data } = this.#place("");
    if (!hasOutbox(data)) return lines;
    const store = await openSqliteOutbox(data);
    try {
      for (const { id, request, owner } of await store.list({ entity })) {
        for (const { at, attempt, state, reason, detail } of await store.journal(id)) {
          const what = [textOf(request.body), attempt, state, reason, detail, owner].join(" ");
          lines.push(`${new Date(at).toISOString()} ${id}: ${what}`);
        }
      }
    } finally {
      await store.close();
    }
    return lines.toSorted();
  }

  /** What the outbox tells of each event, by its message; undefined: there is none. */
  async #histories(): Promise<ReadonlyMap<string, readonly JournalEntry[]> | undefined> {
    const { data } = this.#place("");
    if (!hasOutbox(data)) return undefined;
    const found = new Map<string, readonly JournalEntry[]>();
    const store = await openSqliteOutbox(data);
    try {
      for (const { id, request } of await store.list({})) {
        found.set(textOf(request.body), await store.journal(id));
      }
    } finally {
      await store.close();
    }
    return found;
  }

  /** Receipts after an event's first that neither a lost answer nor an interruption asked for. */
  #needless(
    received: readonly Line[],
    histories: ReadonlyMap<string, readonly JournalEntry[]> | undefined,
  ): number {
    const extra = new Map<string, number>();
    for (const { said } of received) extra.set(said, (extra.get(said) ?? -1) + 1);
    if (histories === undefined) {
      // Nobody wrote down why: each lost answer, and each interruption once.
      for (const [said, lost] of this.proxy.excuses) extra.set(said, (extra.get(said) ?? 0) - lost);
      const left = [...extra.values()].reduce((sum, one) => sum + Math.max(0, one), 0);
      return Math.max(0, left - this.#kills);
    }
    for (const [said, history] of histories) {
      const waits = history.filter((one) => one.state === "waiting");
      const interrupted = waits.filter((one) => one.reason === "interrupted").length;
      const lost = this.proxy.excuses.get(said) ?? 0;
      const excuses =
        Math.min(waits.length - interrupted, lost) + Math.min(interrupted, this.#kills);
      extra.set(said, Math.max(0, (extra.get(said) ?? 0) - excuses));
    }
    const repeated = [...extra.values()].reduce((sum, one) => sum + Math.max(0, one), 0);
    return Math.max(0, repeated - this.#unmarked());
  }
  /** How many events went out that could not be recorded, or marked as sent, as the run has said. */
  #unmarked(): number {
    const told = this.#said.matchAll(
      /(\d+) (?:recorded events? .*may be sent a second time|events? (?:was|were) sent without being recorded)/g,
    );
    return [...told].reduce((sum, [, count]) => sum + Number(count), 0);
  }
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // It has ended.
  }
}
