import type { Batch } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import { SimulatedClock } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { ReadAhead } from "../src/read-ahead.ts";

/** A batch of ten rows without columns. */
const ten: Batch = {
  schema: [],
  columns: [],
  rows: 10,
  tableEnds: Uint32Array.of(10),
  open: false,
};

/** A store of `batches` times ten rows that says how far it was read and whether it is held. */
class Store {
  read = 0;
  held = false;
  readonly #batches: number;
  readonly #breaksAfter: number;

  constructor(batches: number, breaksAfter = Infinity) {
    this.#batches = batches;
    this.#breaksAfter = breaksAfter;
  }
  async *batches(): AsyncGenerator<Batch> {
    this.held = true;
    try {
      for (; this.read < this.#batches; this.read++) {
        if (this.read >= this.#breaksAfter) throw new Error("Corrupt block");
        yield ten;
      }
    } finally {
      this.held = false;
    }
  }
}

/** Lets all that can go on without the clock go on. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};

test("little is read ahead of a reader that keeps up, all of it when the reader pauses", async () => {
  const clock = new SimulatedClock();
  const store = new Store(100);
  const ahead = new ReadAhead(clock, 30);
  const taken = ahead.take(ahead.fill(store.batches()))[Symbol.asyncIterator]();
  let rows = 0;
  for (let i = 0; i < 50; i++) {
    rows += (await taken.next()).value?.rows ?? 0;
    await settle();
    expect(store.read).toBeLessThanOrEqual(i + 4);
  }
  expect(store.held).toBe(true);
  await clock.advance(249);
  expect(store.held).toBe(true);
  await clock.advance(2);
  await settle();
  expect([store.read, store.held]).toEqual([100, false]);
  for (let next = await taken.next(); next.done !== true; next = await taken.next())
    rows += next.value.rows;
  expect(rows).toBe(1000);
});

test("a reader that leaves has closed the store when it is gone", async () => {
  const store = new Store(100);
  const ahead = new ReadAhead(new SimulatedClock(), 30);
  for await (const batch of ahead.take(ahead.fill(store.batches()))) {
    expect([batch.rows, store.held]).toEqual([10, true]);
    break;
  }
  expect(store.held).toBe(false);
  expect(store.read).toBeLessThan(10);
});

test("an error of the store comes after the rows before it, also while the reader waits", async () => {
  const store = new Store(100, 5);
  const ahead = new ReadAhead(new SimulatedClock(), 1000);
  let rows = 0;
  const read = async (): Promise<void> => {
    for await (const batch of ahead.take(ahead.fill(store.batches()))) rows += batch.rows;
  };
  await expect(read()).rejects.toThrow("Corrupt block");
  expect([rows, store.held]).toEqual([50, false]);
});

test("a second attempt gives only its own rows, and is refused once rows were given", async () => {
  const ahead = new ReadAhead(new SimulatedClock(), 1000);
  const twice = async (): Promise<void> => {
    await ahead.fill(new Store(100, 5).batches()).catch(() => undefined);
    await ahead.fill(new Store(3).batches());
  };
  let rows = 0;
  const filling = twice();
  await filling;
  for await (const batch of ahead.take(filling)) rows += batch.rows;
  expect(rows).toBe(30);
  const late = ahead.fill(new Store(3).batches());
  await expect(late).rejects.toBeInstanceOf(FluxError);
});
