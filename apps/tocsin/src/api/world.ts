import { nodeHost } from "@tocsin/adapters/host-node";
import { openBuckets } from "@tocsin/adapters/buckets";
import type { Work } from "@tocsin/alerting/delivery";
import { Masker } from "@tocsin/alerting/oncall";
import type { Buckets } from "@tocsin/engine/plan";
import {
  type Clock,
  type Host,
  type Http,
  type Log,
  memorySecrets,
  type Secrets,
} from "@tocsin/platform/host";
import { type FinishedRun, RunGate } from "../gate.ts";
import { lateDatabases } from "../late-databases.ts";
import { followed } from "./registered.ts";

/** What can be replaced in the world that a run or an endpoint uses. Without `data`, everything stays in memory. */
export interface WorldOptions {
  /** Folder of the outbox and the embedded buckets. */
  readonly data?: string;
  /** Replaces the environment. */
  readonly secrets?: Secrets | Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly http?: Http;
  /** Buckets by name: a file, a folder or `influxdb2:URL`; or an implementation of your own. */
  readonly buckets?: Buckets | Readonly<Record<string, string>>;
  /** An origin that replaces that of every request; path and body are kept. */
  readonly deliverTo?: string;
  /** Milliseconds to wait for deliveries after the last row. Default 30 000. */
  readonly wait?: number;
  /** Runs with the same id never send an event twice. Without `data` it is not remembered. */
  readonly runId?: string;
  readonly signal?: AbortSignal;
  /**
   * Receives what people should know: each attempt, an endpoint that accepts no events, a store that was salvaged.
   * Secrets are masked. Default: nobody receives it.
   */
  readonly log?: Log;
}

/** An open world. Close it when the work is done. */
export interface World {
  readonly host: Host;
  readonly buckets: Buckets;
  readonly deliveries: RunGate;
  readonly masker: Masker;
  /** The work in the program's traces; undefined when it traces nothing. */
  readonly work: Work | undefined;
  close(): Promise<void>;
}

/**
 * Opens what the options name. Nothing is loaded, opened or read before it is used. `span`: the name of the work in
 * the program's traces; undefined: it gets no span of its own.
 */
export async function openWorld(options: WorldOptions, span?: string): Promise<World> {
  const masker = new Masker();
  const told = options.log === undefined ? undefined : masked(options.log, masker);
  const node = nodeHost(told === undefined ? {} : { log: told });
  const host: Host = {
    ...node,
    databases: lateDatabases({ readOnly: false }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.http === undefined ? {} : { http: options.http }),
    ...(options.secrets === undefined ? {} : { secrets: secretsOf(options.secrets) }),
  };
  const { data, wait = 30_000, runId, deliverTo } = options;
  const work = await followed(span, host.clock);
  const deliveries = new RunGate({
    host,
    masker,
    folder: data,
    runId,
    wait,
    deliverTo,
    supersede: true,
    tracing: work,
    log: told,
  });
  await deliveries.takeUp();
  const close = async (): Promise<void> => {
    await deliveries.abort();
    await node.close();
  };
  return { host, buckets: bucketsOf(options, host), deliveries, masker, work, close };
}

/** Waits for the deliveries of a world, and tells what became of them. */
export async function delivered({ deliveries }: World): Promise<FinishedRun> {
  return (await deliveries.finish()) ?? nothingSent;
}

const nothingSent: FinishedRun = {
  deliveries: [],
  superseded: 0,
  direct: { answered: 0, failed: 0 },
  waiting: 0,
  held: 0,
  blocked: [],
  trouble: [],
};

/** The program's log, with secrets masked. */
function masked(log: Log, masker: Masker): Log {
  const clean = (value: unknown): unknown =>
    typeof value === "string" ? masker.mask(value) : value;
  return {
    write: (level, message, fields = {}) => {
      const shown = Object.entries(fields).map(([name, value]) => [name, clean(value)] as const);
      log.write(level, masker.mask(message), Object.fromEntries(shown));
    },
  };
}

function secretsOf(given: Secrets | Readonly<Record<string, string>>): Secrets {
  return isSecrets(given) ? given : memorySecrets({ ...given });
}

function isSecrets(given: Secrets | Readonly<Record<string, string>>): given is Secrets {
  return typeof given["get"] === "function";
}

function bucketsOf({ buckets, data }: WorldOptions, host: Host): Buckets {
  if (buckets !== undefined && isBuckets(buckets)) return buckets;
  return openBuckets({ dataDir: data, named: buckets ?? {}, host, env: process.env });
}

function isBuckets(given: Buckets | Readonly<Record<string, string>>): given is Buckets {
  return typeof given["read"] === "function";
}
