import { nodeHost } from "@tocsin/adapters/host-node";
import type { ParsedLine } from "@tocsin/data/codec";
import { expect, test } from "vitest";
import type { Begun, Intake } from "../src/intake.ts";
import { writeLineProtocol } from "../src/write-stream.ts";
import { once } from "./places.ts";

/** Takes a commit with each line, and lets the test say when it is stored. */
class Slow implements Intake {
  points = 0;
  readonly told: string[] = [];
  readonly #outcomes: (string | undefined)[];
  readonly bytes = 0;

  /** Of each commit the error, if it fails. */
  constructor(outcomes: readonly (string | undefined)[]) {
    this.#outcomes = [...outcomes];
  }
  line({ number }: ParsedLine): void {
    this.told.push(`line ${number}`);
    // As much as a commit takes.
    this.points = 2 ** 20;
  }
  point(): void {
    throw new Error("no point is expected");
  }
  commit(): never {
    throw new Error("a commit that is waited for is not expected");
  }
  async begin(): Promise<Begun> {
    this.told.push("begin");
    this.points = 0;
    const failure = this.#outcomes.shift();
    return { refused: [], stored: this.#end(failure) };
  }
  async #end(failure: string | undefined): Promise<void> {
    // Others get their turns.
    for (let i = 0; i < 5; i++) await new Promise((turn) => setImmediate(turn));
    this.told.push("end");
    if (failure !== undefined) throw new Error(failure);
  }
}

async function* lines(count: number, failure?: string): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i++) yield* once(`m v=${i} ${i}\n`);
  if (failure !== undefined) throw new Error(failure);
}

const write = (intake: Intake, stream: AsyncIterable<Uint8Array>, written: number[] = []) =>
  writeLineProtocol(
    stream,
    { bucket: "b", onProgress: (progress) => written.push(progress.written / 2 ** 20) },
    nodeHost(),
    intake,
  );

test("lines are read while the commit before goes on, and the next one waits for it", async () => {
  const intake = new Slow([undefined, undefined]);
  const written: number[] = [];
  expect(await write(intake, lines(2), written)).toMatchObject({ written: 2 ** 21 });
  expect(intake.told).toEqual(["line 1", "begin", "line 2", "end", "begin", "end"]);
  expect(written).toEqual([1, 2]);
});

test("a commit that fails is told by the next one or at the end, and nothing follows it", async () => {
  const first = new Slow(["no room", undefined]);
  await expect(write(first, lines(3))).rejects.toThrow("no room");
  expect(first.told).toEqual(["line 1", "begin", "line 2", "end"]);
  const last = new Slow(["no room"]);
  await expect(write(last, lines(1))).rejects.toThrow("no room");
});

test("a stream that breaks leaves no commit behind that goes on", async () => {
  const intake = new Slow([undefined]);
  const written: number[] = [];
  await expect(write(intake, lines(1, "it broke"), written)).rejects.toThrow("it broke");
  expect(intake.told).toEqual(["line 1", "begin", "end"]);
  expect(written).toEqual([1]);
});
