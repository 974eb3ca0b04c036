import { spawn } from "node:child_process";
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  addressRoute,
  type Delivery,
  DeliveryMetrics,
  type FallbackRoute,
  type Sender,
  sendLate,
  Watchdog,
} from "@tocsin/alerting/delivery";
import type { Masker } from "@tocsin/alerting/oncall";
import type { Host, Log } from "@tocsin/platform/host";
import { attemptLog } from "./attempt-log.ts";
import { UsageError } from "./command.ts";
import {
  type DeliverySettings,
  type HiddenAddress,
  lateAfterDefault,
} from "./delivery-settings.ts";
import { version } from "./version.ts";

/** How deliveries are watched. */
export interface WatchSettings extends Pick<DeliverySettings, "watchdog" | "fallback"> {
  /** The file for metrics in Prometheus's text format. */
  readonly metricsFile?: string | undefined;
  /** Whether a line of JSON goes to standard error for each attempt. */
  readonly logJson?: boolean;
}

interface WatchWorld {
  readonly host: Host;
  readonly masker: Masker;
  err(text: string): void;
}

/** Milliseconds between two looks for late pages, and between two writes of the metrics. */
const lookPause = 1000;
const metricsPause = 15_000;
/** How long the program of the fallback may take. Milliseconds. */
const commandTime = 30_000;

/** Watches over a sender: fallback, heartbeat, metrics, logs. */
export class Watch {
  readonly #sender: Sender;
  readonly #settings: WatchSettings;
  readonly #world: WatchWorld;
  readonly #route: FallbackRoute | undefined;
  readonly #watchdog: Watchdog | undefined;
  readonly #metrics: DeliveryMetrics | undefined;
  #lookAt = -Infinity;
  #metricsAt = -Infinity;
  /** What is on its way through the second channel, and to the watchdog. These never reject. */
  #late: Promise<void> | undefined;
  #beat: Promise<void> | undefined;
  #ends = false;

  constructor(sender: Sender, settings: WatchSettings, world: WatchWorld) {
    this.#sender = sender;
    this.#settings = settings;
    this.#world = world;
    this.#route = this.#fallbackRoute();
    this.#watchdog = this.#heartbeat();
    const lateAfter = settings.fallback?.lateAfter ?? lateAfterDefault;
    if (settings.metricsFile !== undefined) {
      this.#metrics = new DeliveryMetrics(sender, lateAfter);
      sender.observe(this.#metrics);
    }
    if (settings.logJson === true) sender.observe(attemptLog(this.#log));
  }

  /** Does what is due. Call it often while the sender works. */
  async tick(): Promise<void> {
    const now = this.#world.host.clock.monotonic();
    if (now >= this.#lookAt) {
      this.#lookAt = now + lookPause;
      this.begin();
    }
    if (this.#beat === undefined)
      this.#beat = this.#watchdog?.tick().finally(() => (this.#beat = undefined));
    if (now >= this.#metricsAt) {
      this.#metricsAt = now + metricsPause;
      await this.writeMetrics();
    }
  }
  /**
   * Starts sending late pages through the second channel, unless that is under way. Nobody waits for it: a channel that
   * hangs must not hold up other pages.
   */
  begin(): void {
    // The sender reports what is wrong with the store.
    this.#late ??= this.#sendLate()
      .catch(() => undefined)
      .finally(() => (this.#late = undefined));
  }
  /** Sends what can leave at once, and waits for it. */
  async end(): Promise<void> {
    this.#ends = true;
    this.begin();
    await this.#late;
  }
  /** Writes the metrics file: completely, or not at all. */
  async writeMetrics(scripts?: ReadonlyMap<string, number>): Promise<void> {
    const { metricsFile } = this.#settings;
    if (metricsFile === undefined || this.#metrics === undefined) return;
    const heartbeat = this.#watchdog?.lastSuccess;
    const context = { version, heartbeat, ...(scripts === undefined ? {} : { scripts }) };
    const why = writeWhole(metricsFile, await this.#metrics.render(context));
    if (why !== undefined) this.#world.err(`the metrics cannot be written: ${why}\n`);
  }

  async #sendLate(): Promise<void> {
    const { fallback } = this.#settings;
    const route = this.#route;
    if (fallback === undefined || route === undefined) return;
    const { clock } = this.#world.host;
    const { store } = this.#sender;
    const { lateAfter } = fallback;
    const goesOn = (): boolean => !this.#ends;
    await sendLate({ store, clock, route, lateAfter, goesOn, log: this.#log });
  }
  get #log(): Log {
    return logTo(this.#settings.logJson === true ? "json" : "text", this.#world);
  }
  #heartbeat(): Watchdog | undefined {
    const { watchdog } = this.#settings;
    if (watchdog === undefined) return undefined;
    const { host, masker } = this.#world;
    const { clock, http } = host;
    const url = this.#address(watchdog);
    const { store } = this.#sender;
    const { lateAfter } = watchdog;
    return new Watchdog({ store, clock, http, masker, url, lateAfter, log: this.#log });
  }
  #fallbackRoute(): FallbackRoute | undefined {
    const { fallback } = this.#settings;
    if (fallback === undefined) return undefined;
    if (fallback.command !== undefined) return commandRoute(fallback.command, this.#world.masker);
    const { http, secrets } = this.#world.host;
    return addressRoute({
      url: this.#address(fallback),
      http,
      secrets,
      masker: this.#world.masker,
    });
  }
  #address({ url, secret }: HiddenAddress): () => Promise<string | undefined> {
    if (url !== undefined) this.#world.masker.hide(url);
    return async () => url ?? this.#world.host.secrets.get(secret ?? "");
  }
}

/** A log on standard error: a line of text for warnings and errors, or everything as lines of JSON. */
export function logTo(format: "text" | "json", { host, masker, err }: WatchWorld): Log {
  return {
    write: (level, message, fields = {}) => {
      if (format === "json") {
        const time = new Date(Number(host.clock.now() / 1_000_000n)).toISOString();
        err(`${masker.mask(JSON.stringify({ time, level, message, ...fields }))}\n`);
      } else if (level === "warn" || level === "error") err(`${masker.mask(message)}\n`);
    },
  };
}

/** Writes a file in one step, because node_exporter must never read half of it. Returns why that failed, if it did. */
function writeWhole(path: string, text: string): string | undefined {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(beside, text, { mode: 0o644 });
    renameSync(beside, path);
    return undefined;
  } catch (error) {
    rmSync(beside, { force: true });
    return error instanceof Error ? error.message : String(error);
  }
}

/** The path of `--metrics-file`. Throws `UsageError` when its folder does not exist. */
export function metricsFile(given: unknown, cwd: string): string | undefined {
  if (typeof given !== "string") return undefined;
  const path = resolve(cwd, given);
  if (existsSync(dirname(path))) return path;
  throw new UsageError(`--metrics-file: there is no folder ${dirname(path)}`);
}

/** A program that receives the event as JSON on standard input and must exit with 0. */
function commandRoute(command: readonly string[], masker: Masker): FallbackRoute {
  return {
    name: "command",
    send: (delivery, lateMilliseconds) =>
      new Promise((resolve) => {
        const [program, ...args] = command;
        const done = (sent: boolean, detail: string): void =>
          resolve({ sent, status: "", detail: masker.mask(detail) });
        const child = spawn(program, args, {
          stdio: ["pipe", "ignore", "ignore"],
          timeout: commandTime,
          env: { ...process.env, TOCSIN_FALLBACK: "1" },
        });
        child.on("error", (error) => done(false, `${program} cannot be run: ${error.message}`));
        child.on("close", (code, signal) => {
          if (code === 0) done(true, "");
          else
            done(
              false,
              signal === null ? `${program} ended with ${code}` : `${program} took too long`,
            );
        });
        // The program may end without reading its input.
        child.stdin.on("error", () => undefined);
        child.stdin.end(`${JSON.stringify(shown(delivery, lateMilliseconds, masker))}\n`);
      }),
  };
}

function shown(delivery: Delivery, late: number, masker: Masker): object {
  const { id, entity, messageType, recordedAt, request, detail, lastStatus } = delivery;
  return {
    id,
    entity,
    messageType,
    recordedAt: new Date(recordedAt).toISOString(),
    lateSeconds: Math.round(late / 1000),
    lastStatus,
    detail,
    body: masker.mask(request.body.replaceAll("$$", "$")),
  };
}

/** Whether `--log-format` asks for JSON. */
export function isJsonLog(given: unknown): boolean {
  if (given === undefined || given === "text") return false;
  if (given === "json") return true;
  throw new UsageError(`--log-format is text or json, not "${String(given)}"`);
}
