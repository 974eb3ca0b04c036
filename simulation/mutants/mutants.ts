/** A mistake that somebody could make in the code of deliveries: a text put in the place of another. */
export interface Mutant {
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly from: string;
  readonly to: string;
  /** A seed near one that notices it, where most do not: the hunt begins there. */
  readonly near?: number;
}

const store = "alerting/delivery/src/memory-outbox.ts";
const sender = "alerting/delivery/src/sender.ts";
const machine = "alerting/delivery/src/machine.ts";
const attempt = "alerting/delivery/src/attempt.ts";
const classify = "alerting/delivery/src/classify.ts";
const endpoint = "alerting/delivery/src/endpoint.ts";
const run = "alerting/delivery/src/run-deliveries.ts";
const retry = "alerting/delivery/src/retry.ts";
const turns = "alerting/delivery/src/memory-turns.ts";
const queue = "alerting/delivery/src/turns.ts";

/** One transition's line of history is not written. */
function unwritten(what: string, condition: string): Mutant {
  const to = `if (!(${condition})) history.push(entry);`;
  return { name: `history: ${what} is not written`, file: store, from: "history.push(entry);", to };
}

const transitions: readonly Mutant[] = [
  unwritten("recorded", `entry.state === "recorded"`),
  unwritten("sending", `entry.state === "sending"`),
  unwritten("accepted", `entry.state === "accepted"`),
  unwritten("refused", `entry.state === "refused"`),
  unwritten("waiting after a failure", `entry.reason === "server-error"`),
  unwritten("waiting for a blocked endpoint", `entry.reason === "not-found"`),
  unwritten("waiting after a dead process", `entry.reason === "interrupted"`),
  unwritten("superseded", `entry.state === "superseded"`),
  {
    name: "recording: the run is told before it is written",
    file: run,
    from: "const recorded = await this.#sender.store.record(events, { supersede });",
    to: `void this.#sender.store.record(events, { supersede }).then((one) => this.#sender.add(one));
      const recorded = { superseded: [] as Delivery[], deliveries: events.map((one, id) => ({ ...one, id: String(900000 + id), state: "accepted" }) as unknown as Delivery) };`,
  },
  {
    name: "claiming: sent before it is written",
    file: sender,
    from: "const taken = await this.store.take(asked, changes);",
    to: `const lapsesAt = now + this.#lease;
      for (const key of asked.room.keys()) for (const one of await this.store.list({ states: ["recorded"] })) {
        if (one.endpoint === key) void attempt(one, { ...this.#options, masker: this.masker, timeoutMilliseconds: 10000, lapsesAt }, this.#stop);
      }
      const taken = await this.store.take(asked, changes);`,
  },
  {
    name: "verdict: told before it is written",
    file: sender,
    from: "const taken = await this.store.take(asked, changes);",
    to: "void this.store.change(changes).catch(() => []); const taken = { ...(await this.store.take(asked)), changed: changes.map(() => true) };",
  },
  {
    name: "verdict: told although it could not be written",
    file: sender,
    from: "const taken = await this.store.take(asked, changes);",
    to: "const taken = await this.store.take(asked, changes).catch(() => ({ changed: changes.map(() => true), deliveries: [], endpoints: [], dry: new Map() }));",
  },
  {
    name: "sending: every request twice",
    file: attempt,
    from: "const response = await untilStopped(sent, stop);",
    to: "const response = await untilStopped(sent, stop); await world.http.send(request, stop);",
  },
  {
    name: "sending: what is in flight is begun again",
    file: queue,
    from: "if (flying || queue.length === 0) return undefined;",
    to: "if (queue.length === 0) return undefined;",
  },
  {
    name: "resuming: nothing in flight is taken up",
    file: store,
    from: "return lost.map((one) => this.#put(machine.resumed(one, now)));",
    to: "return [];",
  },
  {
    name: "resuming: what another process has in flight is taken at once",
    file: store,
    from: "owner !== this.owner && (!owners.has(owner) || over.get(id) === attempts),",
    to: "owner !== this.owner || attempts < 0,",
  },
  {
    name: "resuming: a process that stands still keeps its events for ever",
    file: store,
    from: "owner !== this.owner && (!owners.has(owner) || over.get(id) === attempts),",
    to: "owner !== this.owner && !owners.has(owner) && id !== String(attempts),",
  },
  {
    name: "lease: a process that stood still sends what others have sent since",
    file: attempt,
    from: "const left = world.lapsesAt - world.clock.monotonic();",
    to: "const left = Infinity;",
    near: 1560,
  },
  {
    name: "lease: a request may outlive it",
    file: sender,
    from: "const leaseMargin = 6000;",
    to: "const leaseMargin = -9000;",
  },
  {
    name: "verdict: the state is not compared",
    file: store,
    from: "if (stored === undefined || !fits(stored, expect)) return false;",
    to: "if (stored === undefined) return false;",
  },
  {
    name: "compare-and-set: only the attempt counts",
    file: store,
    from: "return delivery.state === expect.state && delivery.attempts === expect.attempts;",
    to: "return delivery.attempts === expect.attempts;",
    near: 4600,
  },
  {
    name: "compare-and-set: only the state counts",
    file: store,
    from: "return delivery.state === expect.state && delivery.attempts === expect.attempts;",
    to: "return delivery.state === expect.state;",
    near: 2690,
  },
  {
    name: "claiming: an earlier event of the entity is no hindrance",
    file: queue,
    from: "return { id: first.id, urgency, later:",
    to: "return { id: queue[queue.length - 1].id, urgency, later:",
  },
  {
    name: "claiming: what goes out keeps its turn",
    file: turns,
    from: "if (had !== undefined && had !== turn?.id) this.#give(had, undefined);",
    to: "if (had !== undefined && turn !== undefined && had !== turn.id) this.#give(had, undefined);",
  },
  {
    name: "order: the next event of the entity is forgotten",
    file: turns,
    from: "if (was !== is) this.#enqueue(orderKey, id, is);",
    to: "if (was !== is) this.#enqueue(orderKey, id, is); if (was && !is) return;",
  },
];

const own: readonly Mutant[] = [
  {
    name: "records are not synced",
    file: "simulation/disk.ts",
    from: `return this.#act("synced", async (store) => {
      const recorded`,
    to: `return this.#act("unsynced", async (store) => {
      const recorded`,
  },
  {
    name: "verdicts are not synced",
    file: "simulation/disk.ts",
    from: `after.length > 0 ? "synced" : "unsynced"`,
    to: `after.length > 1000 ? "synced" : "unsynced"`,
  },
  {
    name: "every 4xx is the event's fault",
    file: classify,
    from: "if (code === 429)",
    to: "if (code === 42900)",
  },
  {
    name: "a wrong key is the event's fault",
    file: classify,
    from: `if (status === 404) return "not-found";`,
    to: "",
  },
  {
    name: "2xx is success, whatever the page says",
    file: classify,
    from: "if (htmlPage.test(text)) {",
    to: "if (text === htmlPage.source) {",
  },
  {
    name: "2xx is success, whatever the answer says",
    file: classify,
    from: "if (saysFailure(text)) return",
    to: "if (saysFailure(status)) return",
  },
  {
    name: "a redirect blocks nothing",
    file: classify,
    from: `if (status >= 300 && status < 400) return "redirect";`,
    to: "",
  },
  {
    name: "order is by wall clock",
    file: turns,
    from: "if (enters) queue.splice(queue.findLastIndex((one) => Number(one) < Number(id)) + 1, 0, id);",
    to: `const at = (one: string) => this.#get(one)?.recordedAt ?? 0;
    if (enters) queue.splice(queue.findLastIndex((one) => at(one) <= at(id)) + 1, 0, id);`,
  },
  {
    name: "backoff has no jitter",
    file: retry,
    from: "return Math.round(random.next() * most);",
    to: "return random === undefined ? 0 : most;",
  },
  {
    name: "Retry-After is not kept",
    file: sender,
    from: `const quiet = ["429", "503"].includes(verdict.status) ? (ended.retryAfter ?? 0) : 0;`,
    to: "const quiet = 0;",
  },
  {
    name: "a person's run id gives new events each time",
    file: run,
    from: "return `${same} ${count}`;",
    to: "return `${same} ${count} ${this.#sender.clock.monotonic()}`;",
  },
  {
    name: "an older run replaces a newer one's state",
    file: machine,
    from: "return step({ ...moved, supersededBy: successor }, at);",
    to: "return step({ ...moved, supersededBy: delivery.id }, at);",
  },
  {
    name: "INFO replaces CRITICAL",
    file: machine,
    from: `return delivery.orderKey !== "" && ["CRITICAL", "WARNING", "RECOVERY"].includes(type);`,
    to: `return delivery.orderKey !== "" && type !== "";`,
  },
  {
    name: "a blocked endpoint does not know when to be probed",
    file: endpoint,
    from: `return { ...stored, ...why, state: "blocked", since, probeAt: now + probeInterval };`,
    to: `return { ...stored, ...why, state: "blocked", since, probeAt: Infinity };`,
  },
  {
    name: "a blocked endpoint is probed without end",
    file: endpoint,
    from: `if (stored.state !== "open" && probeDue(stored, now) > now) return undefined;`,
    to: "",
  },
  {
    name: "a clock that steps back silences an endpoint for years",
    file: endpoint,
    from: "return left > 0 && left <= longestQuiet ? endpoint.quietUntil : 0;",
    to: "return left > 0 ? endpoint.quietUntil : 0;",
  },
  {
    name: "a clock that steps forward parks events",
    file: retry,
    from: "return now - since >= parkedAfter && failures >= parkedFailures;",
    to: "return now - since >= parkedAfter && failures < Infinity;",
  },
  {
    name: "the service's words are shown with the key in them",
    file: attempt,
    from: "return { ...verdict, detail: masker.mask(detail) };",
    to: "return { ...verdict, detail };",
  },
  {
    name: "a token is not taken in the store",
    file: store,
    from: "for (const [key, endpoint] of choice.endpoints) endpoints.set(key, endpoint);",
    to: `for (const [key, endpoint] of choice.endpoints) if (!key.startsWith("rate")) endpoints.set(key, endpoint);`,
  },
  {
    name: "the bucket is larger after each silence",
    file: "alerting/delivery/src/rate.ts",
    from: "return Math.min(burst, stored.tokens + gained);",
    to: "return Math.min(burst * 10, stored.tokens + gained);",
  },
  {
    name: "a run waits for ever",
    file: run,
    from: "await this.#sender.drain(this.#deadline);",
    to: "await this.#sender.drain(Infinity);",
  },
];

/** All mutants: for each transition, and the mistakes that queues have made elsewhere. */
export const mutants: readonly Mutant[] = [...transitions, ...own];
