import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach } from "vitest";
import { systemClock } from "@tocsin/adapters/host-node";
import { main } from "../src/main.ts";
import { type Sandbox, startSandbox } from "../src/sandbox.ts";

/** What a command line came to. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A stream that keeps what is written to it. */
class Kept extends Writable {
  readonly isTTY: boolean;
  readonly chunks: Buffer[] = [];

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(Buffer.from(chunk));
    done();
  }
  text(): string {
    return Buffer.concat(this.chunks).toString("utf8");
  }
}

const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A folder of its own for a test, and command lines that run in it, by default off a terminal. */
export class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), "tocsin-cli-"));
  /** The environment; the data folder is below `folder`. */
  readonly env: Record<string, string>;

  constructor(env: Record<string, string> = {}) {
    const home = join(this.folder, "home");
    this.env = { HOME: home, TOCSIN_DATA: join(this.folder, "data"), ...env };
    closers.push(() => rmSync(this.folder, { recursive: true, force: true }));
  }
  path(name: string): string {
    return join(this.folder, name);
  }
  /** Writes a file below the folder; gives its path relative to it. */
  file(name: string, content: string | Uint8Array, mode = 0o644): string {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content, { mode });
    return name;
  }
  /** Runs a command line in this process. */
  async run(...argv: string[]): Promise<Ended> {
    return this.#run(argv, false);
  }
  /** As `run`, on a terminal. */
  async onTerminal(...argv: string[]): Promise<Ended> {
    return this.#run(argv, true);
  }
  async #run(argv: readonly string[], isTTY: boolean): Promise<Ended> {
    const [out, err] = [new Kept(isTTY), new Kept(isTTY)];
    const code = await main(argv, { out, err, env: this.env, cwd: this.folder });
    return { code, out: out.text(), err: err.text() };
  }
  /** Runs a command line in a process of its own, `input` on its standard input. */
  spawn(argv: readonly string[], input = ""): Promise<Ended> {
    return this.started(argv, input).ended;
  }
  /** Starts a process; `saw` waits until it has written a text. */
  started(argv: readonly string[], input = "") {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", cli, ...argv], {
      cwd: this.folder,
      env: { PATH: process.env["PATH"], ...this.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const said = { out: "", err: "" };
    const watchers = new Set<() => void>();
    for (const [name, stream] of [
      ["out", child.stdout],
      ["err", child.stderr],
    ] as const) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said[name] += text;
        for (const look of watchers) look();
      });
    }
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve({ code: code ?? signalCode(signal), ...said }));
    });
    closers.push(async () => {
      child.kill("SIGKILL");
      await ended;
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const saw = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (said.out.includes(text) || said.err.includes(text)) resolve();
        };
        watchers.add(look);
        look();
        void ended.then((end) => reject(new Error(`ended before ${text}: ${JSON.stringify(end)}`)));
      });
    return { child, ended, saw };
  }
}

function signalCode(signal: NodeJS.Signals | null): number {
  return signal === "SIGKILL" ? 137 : -1;
}

const cli = fileURLToPath(new URL("../src/tocsin.ts", import.meta.url));

/** A stand-in for On-Call on a free port, closed after the test. `received` waits for so many requests. */
export async function sandbox(
  ...faults: string[]
): Promise<Sandbox & { received(count: number): Promise<void> }> {
  const watchers = new Set<() => void>();
  const onTimeline = (): void => {
    for (const look of watchers) look();
  };
  const started = await startSandbox({ clock: systemClock, faults, onTimeline });
  closers.push(() => started.close());
  const received = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (started.requests().length >= count) resolve();
      };
      watchers.add(look);
      look();
    });
  return { ...started, received };
}

/** Has something done after the test. */
export function later(done: () => void | Promise<void>): void {
  closers.push(done);
}
