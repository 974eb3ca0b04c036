import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  read,
  readSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { Output } from "../src/output.ts";
import { Desk } from "./terminal.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).toReversed()) close();
});

/** Both ends of a pipe; `flags`: how the writer opens it. */
function pipe(flags = 0): { reader: number; writer: number } {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-pipe-"));
  closers.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY | flags);
  closers.push(() => closeSync(writer));
  return { reader, writer };
}

/** Bytes of a pipe as they come. */
async function taken(reader: number, count: number): Promise<Buffer> {
  const bytes = Buffer.alloc(count);
  for (let at = 0; at < count;) {
    at += await new Promise<number>((resolve) =>
      read(reader, bytes, at, count - at, null, (error, size) => resolve(error ? 0 : size)),
    );
  }
  return bytes;
}

const none = (): never => {
  throw new Error("Node's stream is not needed");
};

test("a reader that stops holds nothing up; all comes in order when it goes on", async () => {
  const { reader, writer } = pipe();
  closers.push(() => closeSync(reader));
  const out = new Output(writer, none);
  const drained = new Promise<void>((resolve) => out.on("drain", () => resolve()));
  expect(out.write("a".repeat(50_000))).toBe(true);
  expect(out.write("b".repeat(150_000))).toBe(false);
  const last = new Promise<void>((resolve) => out.write("c", resolve));
  const text = (await taken(reader, 200_001)).toString();
  expect(text).toBe(`${"a".repeat(50_000)}${"b".repeat(150_000)}c`);
  await Promise.all([drained, last]);
});

test("a reader that goes away is told of once, and nobody waits for it", async () => {
  const { reader, writer } = pipe();
  const out = new Output(writer, none);
  const told: (string | undefined)[] = [];
  out.on("error", ({ code }) => told.push(code));
  const closed = new Promise<void>((resolve) => out.on("close", () => resolve()));
  closeSync(reader);
  await new Promise<void>((resolve) => out.write("a", resolve));
  await closed;
  expect(out.write("b".repeat(100_000))).toBe(true);
  await new Promise<void>((resolve) => out.write("", resolve));
  expect(told).toEqual(["EPIPE"]);
});

test("where writers must not wait, Node's stream goes on with the rest", async () => {
  const { reader, writer } = pipe(constants.O_NONBLOCK);
  closers.push(() => closeSync(reader));
  const kept: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      kept.push(chunk);
      done();
    },
  });
  const out = new Output(writer, () => stream);
  out.write("a".repeat(100_000));
  await new Promise<void>((resolve) => out.write("b".repeat(10), resolve));
  const before = Buffer.alloc(100_000);
  const size = readSync(reader, before);
  expect(size).toBeGreaterThan(0);
  const whole = before.toString("utf8", 0, size) + Buffer.concat(kept).toString();
  expect(whole).toBe(`${"a".repeat(100_000)}${"b".repeat(10)}`);
});

test("standard output and standard error stay in order in one file", () => {
  const desk = new Desk();
  const script = 'import "array" array.from(rows: [{a: 1}]) |> yield(name: "a")\nbad(';
  const cli = join(import.meta.dirname, "../src/tocsin.ts");
  desk.file("good.flux", 'import "array" array.from(rows: [{a: 1}])');
  desk.file("wrong.flux", script);
  const command = `"$0" --disable-warning=ExperimentalWarning "$1" run good.flux wrong.flux good.flux 2>&1; true`;
  const text = execFileSync("sh", ["-c", command, process.execPath, cli], {
    cwd: desk.folder,
    env: { ...process.env, ...desk.env },
    encoding: "utf8",
  });
  const [first, error, last] = [
    text.indexOf(",,0,1"),
    text.indexOf("error["),
    text.lastIndexOf(",,0,1"),
  ];
  expect(first).toBeLessThan(error);
  expect(error).toBeLessThan(last);
});

test.skipIf(!existsSync("/dev/full"))("messages that cannot be written change no exit code", () => {
  const desk = new Desk();
  const cli = join(import.meta.dirname, "../src/tocsin.ts");
  const command = `"$0" --disable-warning=ExperimentalWarning "$1" run nowhere.flux 2>/dev/full; echo $?`;
  const text = execFileSync("sh", ["-c", command, process.execPath, cli], {
    cwd: desk.folder,
    env: { ...process.env, ...desk.env },
    encoding: "utf8",
  });
  expect(text).toBe("2\n");
});
