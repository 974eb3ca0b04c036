import { gateMutants } from "./gate-mutants.ts";

/** A mistake that somebody could make in the code of deliveries: a text put in the place of another. */
export interface Mutant {
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly from: string;
  readonly to: string;
  /** What the outbox is kept on while it is hunted. Default: memory. */
  readonly medium?: "sqlite";
  /** Whether each run has a process and a gate of its own while it is hunted. */
  readonly scripts?: true;
}

const store = "alerting/delivery/src/memory-outbox.ts";
const sqlite = "adapters/outbox/src/sqlite-outbox.ts";
const bulk = "adapters/outbox/src/bulk.ts";
const recording = "adapters/outbox/src/recording.ts";
const listing = "adapters/outbox/src/listing.ts";
const writes = "adapters/outbox/src/writes.ts";
const sqliteTurns = "adapters/outbox/src/turns.ts";
const sender = "alerting/delivery/src/sender.ts";
const landed = "alerting/delivery/src/landed.ts";
const machine = "alerting/delivery/src/machine.ts";
const attempt = "alerting/delivery/src/attempt.ts";
const classify = "alerting/delivery/src/classify.ts";
const endpoint = "alerting/delivery/src/endpoint.ts";
const run = "alerting/delivery/src/run-deliveries.ts";
const maker = "alerting/delivery/src/event-maker.ts";
const retry = "alerting/delivery/src/retry.ts";
const turns = "alerting/delivery/src/memory-turns.ts";
const queue = "alerting/delivery/src/turns.ts";
const deference = "alerting/delivery/src/deference.ts";
const rescue = "alerting/delivery/src/rescue.ts";

/** One transition's line of history is not written, in either store. */
function unwritten(what: string, condition: string): Mutant[] {
  const name = `history: ${what} is not written`;
  const memory = `if (!(${condition})) history.push(entry);`;
  const [from, to] = [
    "this.#written = entry.at;",
    `if (${condition}) return; this.#written = entry.at;`,
  ];
  const said = saidByRows.get(what);
  return [
    { name, file: store, from: "history.push(entry);", to: memory },
    said === undefined
      ? inSqlite(name, from, to)
      : inSqlite(name, `WHERE ${said}id = ?1`, `WHERE ${said}id = -?1`, listing),
  ];
}

/** What SQLite's rows say by themselves, and how they are asked. */
const saidByRows: ReadonlyMap<string, string> = new Map([
  ["recorded", ""],
  ["sending", "begun_at IS NOT NULL AND "],
  ["accepted", "accepted_at IS NOT NULL AND "],
]);

function inSqlite(name: string, from: string, to: string, file = sqlite): Mutant {
  return { name: `SQLite: ${name}`, file, from, to, medium: "sqlite" };
}

const histories: readonly (readonly [string, string])[] = [
  ["recorded", `entry.state === "recorded"`],
  ["sending", `entry.state === "sending"`],
  ["accepted", `entry.state === "accepted"`],
  ["refused", `entry.state === "refused"`],
  ["waiting after a failure", `entry.reason === "server-error"`],
  ["waiting for a blocked endpoint", `entry.reason === "not-found"`],
  ["waiting after a dead process", `entry.reason === "interrupted"`],
  ["superseded", `entry.state === "superseded"`],
  ["parked", `entry.state === "parked"`],
  ["held", `entry.state === "held"`],
  ["released", `entry.reason === "released"`],
  ["tried again by a person", `entry.reason === "retry-asked"`],
  ["discarded", `entry.state === "discarded"`],
];

const transitions: readonly Mutant[] = [
  ...histories.flatMap(([what, condition]) => unwritten(what, condition)),
  {
    name: "recording: the run is told before it is written",
    file: run,
    from: "if (tracing === undefined) return store.record(events, { supersede });",
    to: `void store.record(events, { supersede }).then((one) => this.#sender.add(one));
    if (tracing === undefined) return { known: new Set<string>(), superseded: [], deliveries: events.map((one, id) => ({ ...one, id: String(900000 + id), state: "accepted" }) as unknown as Delivery) };`,
  },
  {
    name: "recording: of an entity's events of a batch the last one goes first",
    file: queue,
    from: "return rounds.flat();",
    to: "return rounds.toReversed().flat();",
  },
  {
    name: "claiming: sent before it is written",
    file: sender,
    from: "const taken = await this.store.take(asked, changes);",
    to: `const lapses = now + this.#lease;
      for (const key of asked.room.keys()) for (const one of await this.store.list({ states: ["recorded"] })) {
        if (one.endpoint === key) void attempt(one, { ...this.#options, masker: this.masker, timeoutMilliseconds: 10000, lapsesAt: lapses }, this.#stop);
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
    from: "return http.send(request, stop).then(",
    to: "return http.send(request, stop).then(() => http.send(request, stop)).then(",
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
    from: "const left = this.#put(machine.resumed(one, now));",
    to: "const left = one; if (now > 0) return left;",
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
    from: "const left = lapsesAt - clock.monotonic();",
    to: "const left = Infinity;",
  },
  {
    name: "lease: a request may outlive it",
    file: sender,
    from: "const leaseMargin = 6000;",
    to: "const leaseMargin = -9000;",
  },
  {
    name: "settling: newer events do not wait for a dead process's request",
    file: turns,
    from: "const turn = turnOf(queue, this.#busy.has(orderKey), this.#settling.get(orderKey));",
    to: "const turn = turnOf(queue, this.#busy.has(orderKey));",
  },
  {
    name: "settling: a start ends it",
    file: turns,
    from: "const ids = later.filter((id) => this.#turns.get(id)?.from === undefined);",
    to: "const ids = later; this.#settling.clear();",
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
  },
  {
    name: "compare-and-set: only the state counts",
    file: store,
    from: "return delivery.state === expect.state && delivery.attempts === expect.attempts;",
    to: "return delivery.state === expect.state;",
  },
  {
    name: "claiming: an earlier event of the entity is no hindrance",
    file: queue,
    from: "const { id } = first;",
    to: "const { id } = queue[queue.length - 1];",
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
    from: `const made = await this.#act("synced", async (store) => {
      let changes`,
    to: `const made = await this.#act("unsynced", async (store) => {
      let changes`,
  },
  {
    name: "verdicts are not synced",
    file: "simulation/disk.ts",
    from: `after.length > 0 || taken.deliveries`,
    to: `after.length > 1000 || taken.deliveries`,
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
    from: "if (!saysFailure(text)) return",
    to: "if (!saysFailure(status)) return",
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
    file: landed,
    from: 'const quiet = verdict.status === "429" || verdict.status === "503" ? (retryAfter ?? 0) : 0;',
    to: "const quiet = 0;",
  },
  {
    name: "a person's run id gives new events each time",
    file: maker,
    from: "return `${opening}${JSON.stringify(said)}] ${count}`;",
    to: "return `${opening}${JSON.stringify(said)}] ${count} ${this.#clock.monotonic()}`;",
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
    from: "return left > 0 && left <= longestPause ? endpoint.quietUntil : 0;",
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
    name: "letting go: a newer event of the entity is no hindrance",
    file: store,
    from: "if (unlessOvertaken === true && this.#isOvertaken(stored)) return false;",
    to: "if (unlessOvertaken === undefined && this.#isOvertaken(stored)) return false;",
  },
  {
    name: "a restored disk is believed",
    file: "alerting/delivery/src/old-queue.ts",
    from: "if (age < oldAfter) return void (await store.adopt());",
    to: "if (age > -oldAfter) return void (await store.adopt());",
  },
  {
    name: "rescue: what a failed store does not know is forgotten",
    file: rescue,
    from: "const unwritten = await broken.unwritten(world.until);",
    to: "const unwritten = (await broken.unwritten(world.until)).slice(0, 0);",
  },
  {
    name: "rescue: a claim that the disk lost is forgotten",
    file: "alerting/delivery/src/catch-up.ts",
    from: 'const counts = lost || state === "held" || change.step.next.state === "accepted";',
    to: 'const counts = state === "held";',
  },
  {
    name: "rescue: what another process has begun ends as it did here",
    file: "alerting/delivery/src/catch-up.ts",
    from: "return ours ? [change] : [];",
    to: "return [change];",
  },
  {
    name: "rescue: what was held meanwhile stays so",
    file: "alerting/delivery/src/catch-up.ts",
    from: "if (!answered || !waits.includes(state)) return [];",
    to: 'if (!answered || state === "held" || !waits.includes(state)) return [];',
  },
  {
    name: "rescue: what was sent unmarked is not noted",
    file: rescue,
    from: "const ends = await broken.sender.sendUnmarked(stuck, world.until);",
    to: "const ends = (await broken.sender.sendUnmarked(stuck, world.until)).slice(0, 0);",
  },
  {
    name: "rescue: what is sent unmarked overtakes older ones of its entity",
    file: rescue,
    from: 'if (isUnfinished(one) && orderKey !== "") behind.add(orderKey);',
    to: "",
  },
  {
    name: "rescue: what cannot be marked waits",
    file: rescue,
    from: "if (await isFirst(one, ids, store)) found.push(one);",
    to: "if (ids.size === 0 && (await isFirst(one, ids, store))) found.push(one);",
  },
  {
    name: "a run waits for ever",
    file: run,
    from: "await this.#sender.drain(this.#deadline);",
    to: "await this.#sender.drain(Infinity);",
  },
];

const gone =
  '.filter(({ id, attempts, owner = "" }) => over.get(id) === attempts || isGone(owner));';
const compared = "if (this.#run(updateIf, values).changes !== 1) return false;";
const only = (column: string, at: number): string =>
  `if (this.#run(updateIf.replace("AND ${column} = ?", ""), values.toSpliced(${at}, 1)).changes !== 1) return false;`;

/** The same mistakes, and others, in the store that people use. */
const deferring: readonly Mutant[] = [
  {
    name: "deferring: what a run may replace goes out before it has spoken",
    file: deference,
    from: "one.runId !== this.#runId && replaceable(one)",
    to: "one.runId === this.#runId && replaceable(one)",
  },
  {
    name: "deferring: what no run replaces waits, too",
    file: deference,
    from: "&& replaceable(one) &&",
    to: "&& replaceable !== undefined &&",
  },
  {
    name: "deferring: what a run said waits behind what waits for the run",
    file: deference,
    from: "&& !this.#heard.has(one.orderKey)",
    to: "",
  },
  {
    name: "deferring: it never ends",
    file: deference,
    from: "if (now >= this.#until) return undefined;",
    to: "",
  },
  {
    name: "deferring: nothing wakes when it ends",
    file: sender,
    from: "this.#syncAt = Math.min(this.#syncAt, deference?.endsAfter(now) ?? Infinity);",
    to: "",
  },
  {
    name: "deferring: what waits hides what the run says",
    file: queue,
    from: "find(most + lookedThrough)",
    to: "find(most)",
  },
];

const inStore: readonly Mutant[] = [
  inSqlite("the state is not compared", compared, only("state", -2)),
  inSqlite("the attempt is not compared", compared, only("attempts", -1)),
  inSqlite("nothing is compared", compared, "this.#run(update, values.slice(0, -2));"),
  inSqlite(
    "turns: an event of the entity that is under way is no hindrance",
    "const next = turnOf(queue, flying, this.#settling(order));",
    "const next = turnOf(queue, flying && queue.length > 99, this.#settling(order));",
    sqliteTurns,
  ),
  inSqlite(
    "turns: the next one is not given its turn",
    "if (!same || next.from !== undefined) this.#set(next);",
    "if (same || next.from !== undefined) this.#set(next);",
    sqliteTurns,
  ),
  inSqlite(
    "settling: what waits already does not wait for a dead process's request",
    'const until = row["until"];',
    "const until = null;",
    sqliteTurns,
  ),
  inSqlite(
    "settling: what is recorded meanwhile does not wait",
    "turns.entered(one);",
    "event.orderKey.trim();",
    recording,
  ),
  inSqlite("commits: they are not synced", "await this.#log.synced();", "await Promise.resolve();"),
  inSqlite(
    "file: SQLite syncs nothing (synchronous = OFF)",
    'this.#database.exec("PRAGMA synchronous = NORMAL");',
    'this.#database.exec("PRAGMA synchronous = OFF");',
  ),
  inSqlite(
    "file: a full disk is no error (SQLITE_FULL is swallowed)",
    "if (!isFull(error) || !this.#emptiesLog()) throw error;",
    "if (isFull(error)) return { deliveries: [], superseded: [], known: new Set(), changed: [] } as T; if (!this.#emptiesLog()) throw error;",
  ),
  inSqlite(
    "claiming: the event is not marked",
    "const deliveries = choice.chosen.map((one) => this.#put(begun(one, at, lease)));",
    "const deliveries = choice.chosen.map((one) => begun(one, at, lease).next);",
  ),
  inSqlite(
    "claiming: neither token nor probe is written",
    "this.#putEndpoint(choice.endpoints.get(key) ?? freshEndpoint(key));",
    "freshEndpoint(key);",
  ),
  inSqlite(
    "verdict: it is not written",
    "return this.#move(step, expect);",
    "return expect !== undefined || this.#move(step, expect);",
  ),
  inSqlite(
    "acceptance: it is not written",
    "const rows = statement.all(...values, expect.state, expect.attempts, step.entry.at);",
    "const rows = changes.slice(from, end).map((one) => one.step.next);",
    bulk,
  ),
  inSqlite(
    "acceptance: the state is not compared",
    "AND +state = ?7 AND attempts = ?8",
    "AND ?7 <> '' AND attempts = ?8",
    writes,
  ),
  inSqlite(
    "acceptance: the attempt is not compared",
    "AND +state = ?7 AND attempts = ?8",
    "AND +state = ?7 AND ?8 > 0",
    writes,
  ),
  inSqlite(
    "acceptance: the next one is not given its turn",
    "this.#turns.promote(last.map(({ next }) => next.orderKey));",
    "last.reverse();",
  ),
  inSqlite(
    "acceptance: the next one of a chain is not given its turn",
    "this.#bulk.follow([...nexts.values()].filter((next) => next !== null));",
    "",
  ),
  inSqlite(
    "acceptance: what follows in a chain and finds no room has no turn later",
    "this.#statement(followings).run(textOf([...this.#following]));",
    "",
    bulk,
  ),
  inSqlite(
    "chains: nobody follows one that was refused",
    "this.#unchain(hashOf(orderKey), Number(id));",
    "",
    sqliteTurns,
  ),
  inSqlite(
    "chains: all of one may go out",
    "if (behind) return null;",
    "if (behind) return 1;",
    sqliteTurns,
  ),
  inSqlite(
    "claiming: only the first of many is marked",
    "const ids = textOf(begun.map(({ id }) => id));",
    "const ids = textOf(begun.slice(0, 1).map(({ id }) => id));",
    bulk,
  ),
  inSqlite(
    "claiming: what was recorded here is as it was then, whatever others did",
    'const same = state === "recorded" && fallback',
    'const same = state !== "" && fallback',
    sqliteTurns,
  ),
  inSqlite(
    "claiming: what others have written is on disk",
    "others = this.#version !== this.#synced;",
    "others = this.#version === undefined;",
  ),
  inSqlite(
    "recording: the second of an entity may go out, too",
    "this.#firsts?.set(order, { id, urgency: place });",
    "this.#firsts?.set(order, undefined);",
    sqliteTurns,
  ),
  inSqlite(
    "verdict: what it says of the endpoint is not written",
    "if (next !== before.get(key)) this.#putEndpoint(next);",
    "if (next === undefined) this.#putEndpoint(next);",
  ),
  inSqlite(
    "resuming: nothing in flight is taken up",
    "if ((await this.#read(() => this.#lost(over))).length === 0) return [];",
    "if ((await this.#read(() => this.#lost(over))).length >= 0) return [];",
  ),
  inSqlite("resuming: what another process has in flight is taken at once", gone, ";"),
  inSqlite(
    "resuming: a process that stands still keeps its events for ever",
    gone,
    `.filter(({ owner = "" }) => isGone(owner) && over !== undefined);`,
  ),
  inSqlite(
    "recording: each time it is another event",
    "const identity = digest(event.identity);",
    "const identity = digest(event.identity + String(Math.random()));",
    recording,
  ),
  inSqlite(
    "superseding: what is in doubt, too",
    ".filter((one) => one.orderKey === fresh.orderKey && replaceable(one))",
    ".filter((one) => one.orderKey === fresh.orderKey)",
  ),
  inSqlite(
    "superseding: the newer one, not the older",
    ".map((one) => superseded(one, fresh.id, fresh.recordedAt));",
    ".map((one) => superseded(one, one.id, fresh.recordedAt));",
  ),
  inSqlite(
    "superseding: nobody has the turn afterwards",
    "if (steps.length > 0) this.#turns.left(fresh.orderKey);",
    "",
  ),
  inSqlite(
    "letting go: a newer event of the entity is no hindrance",
    "if (last !== undefined && last > Number(id)) return false;",
    "if (last === -1) return false;",
  ),
  inSqlite(
    "restoring: what waits is not held",
    "for (const one of this.#lost(new Map())) this.#put(resumed(one, hold.at));",
    "if (hold.at > 0) return 0;",
  ),
];

/** All mutants: for each transition, and the mistakes that queues have made elsewhere. */
export const mutants: readonly Mutant[] = [
  ...transitions,
  ...own,
  ...deferring,
  ...inStore,
  ...gateMutants,
];
