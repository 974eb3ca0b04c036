import { afterEach, describe, expect, test } from "vitest";
import {
  type Claim,
  type Delivery,
  discarded,
  type Endpoint,
  held,
  type NewDelivery,
  type OutboxStore,
  released,
  retried,
} from "@tocsin/alerting/delivery";
import { settled } from "../src/machine.ts";

/** A kind of store under test. */
export interface StoreMaker {
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

function claim({ id, state, attempts }: Delivery, over: Partial<Claim> = {}): Claim {
  const expect = { state, attempts };
  return { id, expect, at: 2000, leaseUntil: 17_000, admit: (endpoint) => endpoint, ...over };
}

function accept(delivery: Delivery) {
  const verdict = { kind: "accepted", status: "200", detail: "" } as const;
  const outcome = { verdict, at: 3000, milliseconds: 12, retryAfter: undefined };
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
      const { deliveries } = await store.record(
        ["CRITICAL:a", "RECOVERY:a", "INFO:b", "INFO:", "INFO:"].map((word, index) =>
          event(word, { identity: String(index) }),
        ),
        { supersede: true },
      );
      const begun = await store.begin(deliveries.map((one) => claim(one)));
      expect(begun.map((one) => one?.state)).toEqual([
        "sending",
        undefined,
        "sending",
        "sending",
        "sending",
      ]);
      expect(begun[0]).toMatchObject({ attempts: 1, owner: store.owner, leaseUntil: 17_000 });
      expect(await store.begin([claim(deliveries[0])])).toEqual([undefined]);
      const [head] = begun;
      if (head === undefined) throw new Error("the head must begin");
      expect(await store.change([accept(head)])).toEqual([true]);
      expect((await store.begin([claim(deliveries[1])]))[0]?.state).toBe("sending");
    });

    test("a retried event goes before later ones of its entity, never beside one", async () => {
      const store = await make();
      const { deliveries } = await store.record([event("INFO:a"), event("INFO:a2")], {
        supersede: true,
      });
      const [first] = await store.begin([claim(deliveries[0])]);
      if (first === undefined) throw new Error("it must begin");
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
      const later = await store.record([event("WARNING:a")], { supersede: true });
      const [sending] = await store.begin([claim(later.deliveries[0])]);
      expect(sending?.state).toBe("sending");
      const again = retried(refused.next, 5000);
      await store.change([{ expect: { state: "refused", attempts: 1 }, step: again }]);
      expect(await store.begin([claim(again.next)])).toEqual([undefined]);
    });

    test("a change that was computed from an old state does nothing", async () => {
      const store = await make();
      const { deliveries } = await store.record([event("INFO:a")], { supersede: true });
      const [begun] = await store.begin([claim(deliveries[0])]);
      if (begun === undefined) throw new Error("it must begin");
      const late = { ...accept(begun), expect: { state: "sending", attempts: 7 } as const };
      expect(await store.change([late])).toEqual([false]);
      expect((await store.get(begun.id))?.state).toBe("sending");
    });

    test("the endpoint decides inside the transaction, and is remembered", async () => {
      const store = await make();
      const { deliveries } = await store.record([event("INFO:a"), event("INFO:b")], {
        supersede: true,
      });
      const once = (endpoint: Endpoint) =>
        endpoint.tokensAt === 9 ? undefined : { ...endpoint, tokensAt: 9 };
      const begun = await store.begin(deliveries.map((one) => claim(one, { admit: once })));
      expect(begun.map((one) => one?.entity)).toEqual(["a", undefined]);
      const [key] = deliveries.map((one) => one.endpoint);
      await store.changeEndpoint(key, (stored) => ({ ...stored, state: "blocked", reason: "tls" }));
      expect(await store.endpoints()).toMatchObject([
        { key, state: "blocked", reason: "tls", tokensAt: 9 },
      ]);
    });

    test("a later run's state replaces what waits and is not in doubt", async () => {
      const store = await make();
      const words = ["CRITICAL:a", "INFO:a", "WARNING:a", "CRITICAL:b", "CRITICAL:c"];
      const { deliveries } = await store.record(
        words.map((word) => event(word)),
        { supersede: true },
      );
      await store.begin([claim(deliveries[4])]);
      const two = await store.record(
        [event("RECOVERY:a", { runId: "two" }), event("RECOVERY:c", { runId: "two" })],
        { supersede: true },
      );
      expect(two.superseded.map((one) => one.messageType)).toEqual(["CRITICAL", "WARNING"]);
      expect((await store.list({})).map((one) => one.state)).toEqual([
        "superseded",
        "recorded",
        "superseded",
        "recorded",
        "sending",
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
      await store.begin([claim(deliveries[0])]);
      expect(await store.resume(2001)).toEqual([]);
      const after = await maker.afterCrash(store);
      open.push(after);
      const resumed = await after.resume(2001);
      expect(resumed).toMatchObject([
        { id: deliveries[0].id, state: "waiting", reason: "interrupted", inDoubt: true },
      ]);
      expect(await after.resume(2002)).toEqual([]);
      expect((await after.begin([claim(resumed[0])]))[0]?.attempts).toBe(2);
    });

    test("writes a history, counts states, and lists what is asked for", async () => {
      const store = await make();
      const { deliveries } = await store.record(
        [event("INFO:a"), event("INFO:b", { runId: "two" }), event("INFO:c")],
        { supersede: true },
      );
      const [begun] = await store.begin([claim(deliveries[0])]);
      if (begun === undefined) throw new Error("it must begin");
      await store.change([accept(begun)]);
      const history = await store.journal(begun.id);
      expect(history.map(({ state, attempt, at }) => [state, attempt, at])).toEqual([
        ["recorded", 0, 1000],
        ["sending", 1, 2000],
        ["accepted", 1, 3000],
      ]);
      expect(history[2]).toMatchObject({ status: "200", milliseconds: 12 });
      expect(await store.counts()).toMatchObject({ recorded: 2, accepted: 1, waiting: 0 });
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
      expect(await store.begin([claim(deliveries[0])])).toEqual([undefined]);
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
      const [sending] = await store.begin([claim(deliveries[1])]);
      if (sending === undefined) throw new Error("it must begin");
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
      expect(await store.lastWrite()).toBeUndefined();
      const words = ["INFO:a", "INFO:b", "INFO:c"];
      const { deliveries } = await store.record(
        words.map((word) => event(word)),
        { supersede: true },
      );
      expect(await store.lastWrite()).toBe(1000);
      const [begun] = await store.begin([claim(deliveries[0])]);
      if (begun === undefined) throw new Error("it must begin");
      await store.change([accept(begun)]);
      expect(await store.lastWrite()).toBe(3000);
      await store.change([{ expect: deliveries[1], step: discarded(deliveries[1], "", 4000) }]);
      expect(await store.prune(1000)).toBe(0);
      expect(await store.prune(1001)).toBe(2);
      expect((await store.list({})).map((one) => one.entity)).toEqual(["c"]);
      expect(await store.journal(deliveries[0].id)).toEqual([]);
      const next = await store.record([event("INFO:d")], { supersede: true });
      expect(Number(next.deliveries[0].id)).toBeGreaterThan(Number(deliveries[2].id));
    });

    test("says so when it is used after closing", async () => {
      const store = await make();
      await store.close();
      await store.close();
      await expect(store.counts()).rejects.toMatchObject({ code: "closed" });
    });
  });
}
