import { afterEach, describe, expect, test } from "vitest";
import {
  type Delivery,
  discarded,
  type Endpoint,
  held,
  type NewDelivery,
  type OutboxStore,
  released,
  retried,
  type Take,
} from "@tocsin/alerting/delivery";
import { begun as begin, settled } from "../src/machine.ts";

/** A kind of store under test. */
interface StoreMaker {
  /** An empty store. */
  make(): Promise<OutboxStore>;
  /** The same data after the process of `store` is gone. */
  afterCrash(store: OutboxStore): Promise<OutboxStore>;
}

/** "CRITICAL:db" recorded by run "one". */
export function event(word: string, over: Partial<NewDelivery> = {}): NewDelivery {
  const [messageType, entity] = word.split(":");
  const runId = over.runId ?? "one";
  return {
    runId,
    identity: `${runId} ${word}`,
    integration: "victorops",
    endpoint: "http://on-call/${raw:KEY}/ops",
    orderKey: entity === "" ? "" : `on-call ${entity}`,
    entity,
    messageType,
    request: { method: "POST", url: "http://on-call/${raw:KEY}/ops", headers: {}, body: word },
    recordedAt: 1000,
    ...over,
  };
}

const key = "http://on-call/${raw:KEY}/ops";

/** Asks for what may go out at 2000. */
function asked(over: Partial<Take> & { most?: number } = {}): Take {
  const room = new Map([[key, over.most ?? 10]]);
  const admit = (endpoint: Endpoint) => endpoint;
  return { at: 2000, leaseUntil: 17_000, room, admit, meterOf: () => undefined, ...over };
}

async function take(store: OutboxStore, over: Parameters<typeof asked>[0] = {}) {
  return (await store.take(asked(over))).deliveries;
}

function accept(delivery: Delivery, how: { status?: string; milliseconds?: number } = {}) {
  const { status = "200", milliseconds = 12 } = how;
  const verdict = { kind: "accepted", status, detail: "" } as const;
  const outcome = { verdict, at: 3000, milliseconds, retryAfter: undefined };
  const { state, attempts } = delivery;
  return {
    expect: { state, attempts },
    step: settled(delivery, outcome, { next: () => 0.5 }),
  };
}

/** What every store must do. Call it in the tests of each. */
export function describeOutboxStore(name: string, maker: StoreMaker): void {
  describe(name, () => {
    const open: OutboxStore[] = [];
    const make = async () => {
      const store = await maker.make();
      open.push(store);
      return store;
    };
    afterEach(async () => {
      for (const store of open.splice(0)) await store.close();
    });

    test("gives ids in order, and what was recorded, unchanged", async () => {
      const store = await make();
      const words = ["CRITICAL:a", "INFO:", "RECOVERY:a"];
      const { deliveries } = await store.record(
        words.map((word) => event(word)),
        { supersede: true },
      );
      const listed = await store.list({});
      expect(listed.map((one) => one.request.body)).toEqual(words);
      expect(deliveries.map((one) => one.id)).toEqual(listed.map((one) => one.id));
      expect(Number(listed[2].id)).toBeGreaterThan(Number(listed[1].id));
      const first = { ...(await store.get(deliveries[0].id)), identity: "" };
      expect(first).toEqual({
        ...event("CRITICAL:a"),
        identity: "",
        id: deliveries[0].id,
        state: "recorded",
        attempts: 0,
        failures: 0,
        since: 1000,
        inDoubt: false,
        lastStatus: "",
        reason: "new",
        detail: "",
      });
    });

    test("what was on its way is not tried again behind a newer state that went out without the store", async () => {
      const store = await make();
      const words = ["CRITICAL:a", "INFO:b", "CRITICAL:c"];
      await store.record(
        words.map((word) => event(word)),
        { supersede: true },
      );
      const begun = await take(store);
      const newer = ["RECOVERY:a", "RECOVERY:b", "INFO:c"].map((word) => event(word));
      await store.record(newer, {
        supersede: true,
        also: (deliveries) =>
          deliveries.flatMap((one) => {
            const lease = { owner: store.owner, leaseUntil: 3000 };
            const { state, attempts } = one;
            const step = begin(one, 2500, lease);
            return [{ expect: { state, attempts }, step }, accept(step.next)];
          }),
      });
      const after = await maker.afterCrash(store);
      open.push(after);
      expect((await after.resume(4000)).map((one) => one.state)).toEqual([
        "superseded",
        "waiting",
        "waiting",
      ]);
      const [critical] = begun;
      expect((await after.journal(critical.id)).map((one) => one.state)).toEqual([
        "recorded",
        "sending",
        "waiting",
        "superseded",
      ]);
      const left = await take(after, { at: 10_000 });
      expect(left.map((one) => one.entity).toSorted()).toEqual(["b", "c"]);
    });

    test("knows events by their identities", async () => {
      const store = await make();
      const [long, other] = ["CRITICAL:a", "CRITICAL:b"].map((word) => ({
        ...event(word),
        identity: `${word} `.repeat(20),
      }));
      const { deliveries } = await store.record([long], { supersede: true });
      const known = await store.known([other.identity, long.identity]);
      expect([...known.keys()]).toEqual([long.identity]);
      expect(known.get(long.identity)?.id).toBe(deliveries[0].id);
    });

    test("what is recorded together gets its ids in the order in which it goes out", async () => {
      const store = await make();
      const words = ["CRITICAL:a", "RECOVERY:a", "INFO:", "INFO:a", "CRITICAL:b", "RECOVERY:b"];
      const { deliveries } = await store.record(
        words.map((word) => event(word)),
        { supersede: true },
      );
      expect(deliveries.map((one) => one.request.body)).toEqual(words);
      expect(deliveries.map((one) => one.id)).toEqual(["1", "4", "2", "6", "3", "5"]);
    });

    test("an identity is recorded once", async () => {
      const store = await make();
      const once = await store.record([event("INFO:a"), event("INFO:b")], { supersede: true });
      const again = await store.record([event("INFO:b"), event("INFO:c")], { supersede: true });
      expect(again.deliveries[0].id).toBe(once.deliveries[1].id);
      expect((await store.list({})).map((one) => one.entity)).toEqual(["a", "b", "c"]);
    });

    test("remembers a run's first now, to the nanosecond", async () => {
      const store = await make();
      const first = 1_700_000_000_123_456_789n;
      expect(await store.openRun("r", first)).toBe(first);
      expect(await store.openRun("r", first + 1n)).toBe(first);
    });

    test("begins an attempt once, and only at the head of an order key", async () => {
      const store = await make();
      await store.record(
        ["CRITICAL:a", "RECOVERY:a", "INFO:b", "INFO:", "INFO:"].map((word, index) =>
          event(word, { identity: String(index) }),
        ),
        { supersede: true },
      );
      const taken = await store.take(asked());
      expect(taken.deliveries.map((one) => one.id)).toEqual(["1", "2", "3", "4"]);
      expect(taken.dry).toEqual(new Map([[key, Infinity]]));
      const [head] = taken.deliveries;
      expect(head).toMatchObject({
        state: "sending",
        attempts: 1,
        owner: store.owner,
        leaseUntil: 17_000,
      });
      expect(await take(store)).toEqual([]);
      expect(await store.change([accept(head)])).toEqual([true]);
      expect((await take(store)).map((one) => one.messageType)).toEqual(["RECOVERY"]);
    });

    test("passes over what it is told to, however much of it lies before the rest", async () => {
      const store = await make();
      const old = Array.from({ length: 40 }, (_, n) => event(`CRITICAL:${n}`));
      await store.record([...old, event("INFO:new", { runId: "two" })], { supersede: true });
      const passesOver = ({ runId }: Delivery) => runId === "one";
      const taken = await store.take(asked({ passesOver, most: 8 }));
      expect(taken.deliveries.map(({ entity }) => entity)).toEqual(["new"]);
      expect(taken.dry).toEqual(new Map([[key, Infinity]]));
      expect(await take(store, { most: 8 })).toHaveLength(8);
    });

    test("gives the most urgent first, across endpoints, as many of each as there is room", async () => {
      const store = await make();
      const other = `${key}-web`;
      const words = ["INFO:a", "WARNING:b", "CRITICAL:c", "INFO:d", "CRITICAL:d", "RECOVERY:e"];
      await store.record(
        words.map((word) => event(word, word === "CRITICAL:c" ? { endpoint: other } : {})),
        { supersede: true },
      );
      expect([...(await store.lanes())].toSorted()).toEqual([key, other]);
      expect([await store.backlog(key), await store.backlog(other)]).toEqual([5, 1]);
      const room = new Map([
        [key, 3],
        [other, 3],
      ]);
      const taken = await store.take(asked({ room }));
      const names = taken.deliveries.map((one) => `${one.messageType}:${one.entity}`);
      // The note goes with the page that waits behind it.
      expect(names).toEqual(["CRITICAL:c", "INFO:d", "RECOVERY:e", "WARNING:b"]);
      expect(taken.dry).toEqual(new Map([[other, Infinity]]));
    });

    test("a page that comes later makes all notes of its entity urgent that wait before it", async () => {
      const store = await make();
      const notes = ["1", "2", "3"].map((identity) => event("INFO:a", { identity }));
      for (const some of [[event("INFO:b")], notes, [event("CRITICAL:a", { recordedAt: 1500 })]]) {
        await store.record(some, { supersede: false });
      }
      const gone: string[] = [];
      for (let next = await take(store, { most: 1 }); next.length > 0;) {
        gone.push(`${next[0].request.body} ${next[0].id}`);
        await store.change([accept(next[0])]);
        next = await take(store, { most: 1 });
      }
      expect(gone).toEqual(["INFO:a 2", "INFO:a 3", "INFO:a 4", "CRITICAL:a 5", "INFO:b 1"]);
    });

    test("a bucket that several endpoints share is given to the most urgent", async () => {
      const store = await make();
      const other = `${key}-web`;
      await store.record(
        [event("INFO:a"), event("CRITICAL:b", { endpoint: other }), event("CRITICAL:c")],
        { supersede: true },
      );
      const meter = {
        key: "rate on-call",
        take: (stored: Endpoint) =>
          stored.tokensAt === 2 ? undefined : { ...stored, tokensAt: stored.tokensAt + 1 },
      };
      const room = new Map([
        [key, 10],
        [other, 10],
      ]);
      const taken = await store.take(asked({ room, meterOf: () => meter }));
      expect(taken.deliveries.map((one) => one.entity)).toEqual(["b", "c"]);
      expect(taken.dry).toEqual(new Map([[other, Infinity]]));
      expect(taken.endpoints.find((one) => one.key === meter.key)?.tokensAt).toBe(2);
    });

    test("what waits is taken when it is due, or when waits are ended", async () => {
      const store = await make();
      await store.record([event("INFO:a"), event("CRITICAL:a2"), event("INFO:b")], {
        supersede: true,
      });
      const fail = async (seconds: number, at: number) => {
        const taken = await take(store, { at });
        await store.change(
          taken.map((one) => ({
            expect: one,
            step: settled(
              one,
              {
                verdict: {
                  kind: "retry",
                  reason: "network",
                  status: "",
                  detail: "",
                  inDoubt: false,
                },
                at,
                milliseconds: 1,
                retryAfter: seconds * 1000,
              },
              { next: () => 0 },
            ),
          })),
        );
        return taken.length;
      };
      expect(await fail(60, 2000)).toBe(3);
      const early = await store.take(asked({ at: 61_999 }));
      expect([early.deliveries.length, early.dry.get(key)]).toEqual([0, 62_000]);
      expect(await fail(60, 62_000)).toBe(3);
      expect(await take(store, { at: 62_001 })).toEqual([]);
      await store.wake(62_001);
      expect(await fail(60, 62_001)).toBe(3);
      // The clock stepped back: no wait that was asked for is so long.
      expect((await take(store, { at: -3_600_000 })).length).toBe(3);
    });

    test("a retried event goes before later ones of its entity, never beside one", async () => {
      const store = await make();
      await store.record([event("INFO:a")], { supersede: true });
      const [first] = await take(store);
      const verdict = {
        kind: "refused",
        reason: "bad-request",
        status: "400",
        detail: "",
      } as const;
      const refused = settled(
        first,
        { verdict, at: 1, milliseconds: 1, retryAfter: undefined },
        { next: () => 0 },
      );
      await store.change([{ expect: { state: "sending", attempts: 1 }, step: refused }]);
      await store.record([event("WARNING:a"), event("ACKNOWLEDGEMENT:a")], { supersede: true });
      const [sending] = await take(store);
      expect(sending.messageType).toBe("WARNING");
      const again = retried(refused.next, 2000);
      await store.change([{ expect: { state: "refused", attempts: 1 }, step: again }]);
      expect(await take(store)).toEqual([]);
      await store.change([accept(sending)]);
      const [old] = await take(store);
      expect(old.id).toBe(first.id);
      await store.change([accept(old)]);
      expect((await take(store)).map((one) => one.messageType)).toEqual(["ACKNOWLEDGEMENT"]);
    });

    test("what leaves the queue at its head lets the next one go", async () => {
      const store = await make();
      const { deliveries } = await store.record([event("INFO:a"), event("CRITICAL:a")], {
        supersede: true,
      });
      await store.change([{ expect: deliveries[0], step: discarded(deliveries[0], "", 1500) }]);
      expect((await take(store)).map((one) => one.messageType)).toEqual(["CRITICAL"]);
    });

    test("a change that was computed from an old state does nothing", async () => {
      const store = await make();
      await store.record([event("INFO:a")], { supersede: true });
      const [begun] = await take(store);
      const late = { ...accept(begun), expect: { state: "sending", attempts: 7 } as const };
      expect(await store.change([late])).toEqual([false]);
      expect((await store.get(begun.id))?.state).toBe("sending");
    });

    test("of many acceptances each is written as it was, and only what is as it was seen", async () => {
      const store = await make();
      const words = ["a", "b", "c", "", "d"].flatMap((entity) => [
        `INFO:${entity}`,
        `CRITICAL:${entity}`,
      ]);
      await store.record(
        words.map((word) => event(word)),
        { supersede: true },
      );
      const sent = await take(store);
      // The two without an entity go out side by side.
      expect(sent.map((one) => one.request.body).toSorted()).toEqual([
        "CRITICAL:",
        "INFO:",
        "INFO:a",
        "INFO:b",
        "INFO:c",
        "INFO:d",
      ]);
      const of = (word: string) => sent.find((one) => one.request.body === word) ?? sent[0];
      const late = accept(of("INFO:c"));
      const changes = [
        accept(of("INFO:a"), { milliseconds: 3 }),
        accept(of("INFO:b"), { status: "202", milliseconds: 4 }),
        { ...late, expect: { ...late.expect, attempts: 7 } },
        accept(of("INFO:"), { status: "202", milliseconds: 5 }),
        accept(of("CRITICAL:"), { status: "202", milliseconds: 6 }),
        accept(of("INFO:b"), { status: "202", milliseconds: 9 }),
      ];
      expect(await store.change(changes)).toEqual([true, true, false, true, true, false]);
      const now = await Promise.all(
        ["INFO:a", "INFO:b", "INFO:c", "INFO:", "INFO:d"].map(async (word) => {
          const { state, lastStatus, id } = (await store.get(of(word).id)) ?? sent[0];
          const [last] = (await store.journal(id)).toReversed();
          return [state, lastStatus, last.state, last.status, last.milliseconds];
        }),
      );
      expect(now).toEqual([
        ["accepted", "200", "accepted", "200", 3],
        ["accepted", "202", "accepted", "202", 4],
        ["sending", "", "sending", "", undefined],
        ["accepted", "202", "accepted", "202", 5],
        ["sending", "", "sending", "", undefined],
      ]);
      const next = await take(store);
      expect(next.map((one) => one.request.body)).toEqual(["CRITICAL:a", "CRITICAL:b"]);
    });

    test("the endpoint decides inside the transaction, and is remembered", async () => {
      const store = await make();
      await store.record([event("INFO:a"), event("INFO:b")], { supersede: true });
      const once = (endpoint: Endpoint) =>
        endpoint.tokensAt === 9 ? undefined : { ...endpoint, tokensAt: 9 };
      const taken = await store.take(asked({ admit: once }));
      expect(taken.deliveries.map((one) => one.entity)).toEqual(["a"]);
      expect(taken.dry).toEqual(new Map());
      expect(taken.endpoints).toMatchObject([{ key, tokensAt: 9 }]);
      await store.changeEndpoint(key, (stored) => ({ ...stored, state: "blocked", reason: "tls" }));
      expect(await store.endpoints()).toMatchObject([
        { key, state: "blocked", reason: "tls", tokensAt: 9 },
      ]);
    });

    test("a later run's state replaces what waits and is not in doubt", async () => {
      const store = await make();
      await store.record([event("CRITICAL:c")], { supersede: true });
      await take(store);
      const words = ["CRITICAL:a", "INFO:a", "WARNING:a", "CRITICAL:b"];
      await store.record(
        words.map((word) => event(word)),
        { supersede: true },
      );
      const two = await store.record(
        [event("RECOVERY:a", { runId: "two" }), event("RECOVERY:c", { runId: "two" })],
        { supersede: true },
      );
      expect(two.superseded.map((one) => one.messageType)).toEqual(["CRITICAL", "WARNING"]);
      expect((await store.list({})).map((one) => one.state)).toEqual([
        "sending",
        "superseded",
        "recorded",
        "recorded",
        "superseded",
        "recorded",
        "recorded",
      ]);
      const kept = await store.record([event("RECOVERY:b", { runId: "three" })], {
        supersede: false,
      });
      expect(kept.superseded).toEqual([]);
    });

    test("after a crash what was in flight waits in its place, in doubt", async () => {
      const store = await make();
      const { deliveries } = await store.record([event("INFO:a"), event("INFO:a2")], {
        supersede: true,
      });
      await take(store, { most: 1 });
      expect(await store.resume(2001)).toEqual([]);
      const after = await maker.afterCrash(store);
      open.push(after);
      const resumed = await after.resume(2001);
      expect(resumed).toMatchObject([
        { id: deliveries[0].id, state: "waiting", reason: "interrupted", inDoubt: true },
      ]);
      expect(await after.resume(2002)).toEqual([]);
      expect((await take(after, { most: 1, at: 2001 }))[0].attempts).toBe(2);
    });

    test("newer events wait for what a vanished process may have on its way; nothing else does", async () => {
      const store = await make();
      const record = async (on: OutboxStore, words: string) => {
        const events = words.split(" ").map((word) => event(word));
        return on.record(events, { supersede: true });
      };
      await record(store, "CRITICAL:a RECOVERY:a CRITICAL:c");
      expect((await take(store)).length).toBe(2);
      const after = await maker.afterCrash(store);
      open.push(after);
      await after.resume(3000);
      await record(after, "INFO:b");
      // Those that were on their way go out again at once.
      const again = await take(after, { at: 3000 });
      expect(again.map((one) => one.entity)).toEqual(["a", "c", "b"]);
      expect(await after.change(again.map((one) => accept(one)))).toEqual([true, true, true]);
      await record(after, "RECOVERY:c INFO:c INFO:b2");
      const others = await after.take(asked({ at: 3001 }));
      expect(others.deliveries.map((one) => one.entity)).toEqual(["b2"]);
      expect(others.dry).toEqual(new Map([[key, 5000]]));
      await after.wake(4000);
      expect(await take(after, { at: 4999 })).toEqual([]);
      const then = await take(after, { at: 5000 });
      expect(then.map((one) => one.request.body)).toEqual(["RECOVERY:a", "RECOVERY:c"]);
    });

    test("a clock that steps back makes that wait no longer", async () => {
      const store = await make();
      await store.record([event("CRITICAL:a"), event("RECOVERY:a")], { supersede: true });
      await take(store);
      const after = await maker.afterCrash(store);
      open.push(after);
      await after.resume(900_000);
      const [again] = await take(after, { at: 900_000 });
      await after.change([accept(again)]);
      await after.wake(2000);
      expect((await take(after)).map((one) => one.messageType)).toEqual(["RECOVERY"]);
    });

    test("a process that read the clock before it waited for the store ends that wait no sooner", async () => {
      const store = await make();
      await store.record([event("CRITICAL:a"), event("RECOVERY:a")], { supersede: true });
      await take(store);
      const after = await maker.afterCrash(store);
      open.push(after);
      await after.resume(12_000);
      const [again] = await take(after, { at: 12_000 });
      await after.change([accept(again)]);
      for (const at of [4001, 11_999]) {
        await after.wake(at);
        expect(await take(after, { at })).toEqual([]);
      }
      expect((await take(after, { at: 14_000 })).length).toBe(1);
    });

    test("writes a history, counts states, and lists what is asked for", async () => {
      const store = await make();
      await store.record([event("INFO:a"), event("INFO:b", { runId: "two" }), event("INFO:c")], {
        supersede: true,
      });
      const [begun] = await take(store, { most: 1 });
      await store.change([accept(begun)]);
      const history = await store.journal(begun.id);
      expect(history.map(({ state, attempt, at }) => [state, attempt, at])).toEqual([
        ["recorded", 0, 1000],
        ["sending", 1, 2000],
        ["accepted", 1, 3000],
      ]);
      expect(history[2]).toMatchObject({ status: "200", milliseconds: 12 });
      expect(await store.counts()).toMatchObject({ recorded: 2, accepted: 1, waiting: 0 });
      const some = await store.counts(["recorded", "waiting"]);
      expect(some).toMatchObject({ recorded: 2, accepted: 0, waiting: 0 });
      const entities = async (filter: Parameters<OutboxStore["list"]>[0]) =>
        (await store.list(filter)).map((one) => one.entity).join("");
      expect(await entities({ states: ["recorded"] })).toBe("bc");
      expect(await entities({ runId: "two" })).toBe("b");
      expect(await entities({ entity: "c" })).toBe("c");
      expect(await entities({ after: begun.id, limit: 1 })).toBe("b");
      expect(await store.get("999")).toBeUndefined();
      expect(await store.get("no number")).toBeUndefined();
    });

    test("what is held is not begun; a later run's state takes its place, a note does not", async () => {
      const store = await make();
      const { deliveries } = await store.record([event("CRITICAL:a"), event("CRITICAL:b")], {
        supersede: true,
      });
      const why = { reason: "restored", detail: "old" } as const;
      const steps = deliveries.map((one) => ({ expect: one, step: held(one, why, 5000) }));
      expect(await store.change(steps)).toEqual([true, true]);
      expect(await take(store)).toEqual([]);
      expect(await store.counts()).toMatchObject({ held: 2, recorded: 0 });
      const two = await store.record(
        [event("INFO:b", { runId: "two" }), event("RECOVERY:a", { runId: "two" })],
        { supersede: true },
      );
      expect(two.superseded.map((one) => one.id)).toEqual([deliveries[0].id]);
      const again = released(steps[1].step.next, 6000);
      expect(await store.change([{ expect: steps[1].step.next, step: again }])).toEqual([true]);
      expect((await store.get(deliveries[1].id))?.state).toBe("waiting");
    });

    test("an event goes back into the queue only while no later one of its entity is out", async () => {
      const store = await make();
      const words = ["CRITICAL:a", "RECOVERY:a", "CRITICAL:b", "INFO:b", "CRITICAL:"];
      const { deliveries } = await store.record(
        words.map((word) => event(word)),
        { supersede: true },
      );
      const why = { reason: "hold-asked", detail: "" } as const;
      const kept = [deliveries[0], deliveries[2], deliveries[4]].map((one) => held(one, why, 1500));
      const steps = kept.map((step, at) => ({ expect: deliveries[at * 2], step }));
      expect(await store.change(steps)).toEqual([true, true, true]);
      const [sending] = await take(store, { most: 1 });
      expect(sending.id).toBe(deliveries[1].id);
      const back = (unlessOvertaken: boolean) =>
        kept.map(({ next }) => ({ expect: next, step: released(next, 1600), unlessOvertaken }));
      // On its way, it is as if it had arrived. What only waits does not count.
      expect(await store.change(back(true))).toEqual([false, true, true]);
      await store.change([accept(sending)]);
      expect(await store.change(back(true))).toEqual([false, false, false]);
      expect(await store.change(back(false))).toEqual([true, false, false]);
    });

    test("remembers when it was last written to, and forgets only what is settled and old", async () => {
      const store = await make();
      expect(await store.lastWriter()).toEqual({ at: undefined, by: "here" });
      const words = ["INFO:a", "INFO:b", "INFO:c"];
      const { deliveries } = await store.record(
        words.map((word) => event(word)),
        { supersede: true },
      );
      expect(await store.lastWriter()).toEqual({ at: 1000, by: "here" });
      const [begun] = await take(store, { most: 1 });
      await store.change([accept(begun)]);
      expect((await store.lastWriter()).at).toBe(3000);
      await store.change([{ expect: deliveries[1], step: discarded(deliveries[1], "", 4000) }]);
      expect(await store.prune(1000)).toBe(0);
      expect(await store.prune(1001)).toBe(2);
      expect((await store.list({})).map((one) => one.entity)).toEqual(["c"]);
      expect(await store.journal(deliveries[0].id)).toEqual([]);
      const next = await store.record([event("INFO:d")], { supersede: true });
      expect(Number(next.deliveries[0].id)).toBeGreaterThan(Number(deliveries[2].id));
    });

    test("who adopts it may hold what waits, once and for all", async () => {
      const store = await make();
      await store.record([event("CRITICAL:a"), event("CRITICAL:b"), event("INFO:a")], {
        supersede: true,
      });
      await take(store, { most: 1 });
      const after = await maker.afterCrash(store);
      open.push(after);
      const hold = { reason: "unconfirmed", detail: "old", at: 9000, until: 9900 } as const;
      expect(await after.adopt(hold)).toBe(3);
      expect(await after.lastWriter()).toEqual({ at: 9000, by: "here" });
      const listed = await after.list({ states: ["held"], reason: "unconfirmed" });
      expect(listed.map((one) => [one.entity, one.inDoubt, one.nextAttemptAt])).toEqual([
        ["a", true, 9900],
        ["b", false, 9900],
        ["a", false, 9900],
      ]);
      expect(await take(after, { at: 10_000 })).toEqual([]);
      expect(await after.adopt()).toBe(0);
    });

    test("names late pages, and notes their fallback once", async () => {
      const store = await make();
      const { deliveries } = await store.record(
        [event("INFO:a"), event("CRITICAL:b"), event("CRITICAL:c", { recordedAt: 5000 })],
        { supersede: true },
      );
      const names = async (untriedSince?: number) =>
        (
          await store.late({
            before: 5000,
            limit: 9,
            ...(untriedSince === undefined ? {} : { untriedSince }),
          })
        )
          .map((one) => one.entity)
          .join("");
      expect(await names()).toBe("b");
      const { id } = deliveries[1];
      const begun = { state: "begun", at: 6000 } as const;
      const mark = { id, expect: undefined, next: begun, detail: "late", status: "" };
      expect(await store.markFallback(mark)).toBe(true);
      expect(await store.markFallback(mark)).toBe(false);
      expect([await names(), await names(6000), await names(6001)]).toEqual(["b", "", "b"]);
      const sent = { state: "sent", at: 7000 } as const;
      await store.markFallback({ ...mark, expect: begun, next: sent });
      expect([await names(), await names(9000)]).toEqual(["b", ""]);
      expect((await store.get(id))?.fallback).toEqual(sent);
      const history = await store.journal(id);
      expect(history.map((one) => one.reason)).toEqual(["new", "fallback", "fallback"]);
      await store.change([{ expect: deliveries[1], step: discarded(deliveries[1], "", 8000) }]);
      expect(await names()).toBe("");
    });

    test("tells each step of a history in its order, whatever comes between", async () => {
      const store = await make();
      const { deliveries } = await store.record([event("CRITICAL:a")], { supersede: true });
      const [{ id }] = deliveries;
      const [first] = await take(store);
      const lost = {
        kind: "retry",
        reason: "network",
        status: "",
        detail: "",
        inDoubt: true,
      } as const;
      const outcome = { at: 2500, milliseconds: 3, retryAfter: undefined };
      const failed = settled(first, { ...outcome, verdict: lost }, { next: () => 0.5 });
      const expected = { state: first.state, attempts: first.attempts };
      await store.change([{ expect: expected, step: failed }]);
      await store.wake(60_000);
      const [again] = await take(store, { at: 60_000 });
      const begun = { state: "begun", at: 60_500 } as const;
      const mark = { id, expect: undefined, next: begun, detail: "late", status: "" };
      await store.markFallback(mark);
      await store.change([accept(again)]);
      const sent = { state: "sent", at: 61_000 } as const;
      await store.markFallback({ ...mark, expect: begun, next: sent });
      const told = (await store.journal(id)).map((one) => [
        one.at,
        one.attempt,
        one.reason,
        one.status,
        one.milliseconds,
      ]);
      expect(told).toEqual([
        [1000, 0, "new", "", undefined],
        [2000, 1, "in-flight", "", undefined],
        [2500, 1, "network", "", 3],
        [60_000, 2, "in-flight", "", undefined],
        [60_500, 2, "fallback", "", undefined],
        [3000, 2, "accepted", "200", 12],
        [61_000, 2, "fallback", "", undefined],
      ]);
    });

    test("names the oldest late pages of all endpoints, notes before pages left out", async () => {
      const store = await make();
      const words = [
        "CRITICAL:a",
        "RECOVERY:b",
        "INFO:c",
        "CRITICAL:c",
        "CRITICAL:d",
        "CRITICAL:e",
      ];
      const events = words.map((word, at) => {
        const endpoint = at % 2 === 0 ? key : `${key}2`;
        return event(word, { endpoint, recordedAt: 1000 * (9 - at) });
      });
      await store.record(events, { supersede: true });
      const late = await store.late({ before: 9000, limit: 4 });
      expect(late.map((one) => one.entity)).toEqual(["e", "d", "c", "b"]);
    });

    test("counts for processes that come later, and takes a census of what is not settled", async () => {
      const store = await make();
      await store.record([event("INFO:a"), event("CRITICAL:b", { recordedAt: 900 })], {
        supersede: true,
      });
      await store.count(new Map([["a{x}", 2]]));
      const counters = [["a{x}", 5] as const, ["b", 1] as const];
      expect(
        [
          ...(await store.count(
            new Map([
              ["a{x}", 3],
              ["b", 1],
            ]),
          )),
        ].toSorted(),
      ).toEqual(counters);
      expect(await store.census()).toEqual([
        { integration: "victorops", state: "recorded", count: 2, oldest: 900, entities: 2 },
      ]);
      await store.touch();
    });

    test("says so when it is used after closing", async () => {
      const store = await make();
      await store.close();
      await store.close();
      await expect(store.counts()).rejects.toMatchObject({ code: "closed" });
    });
  });
}
