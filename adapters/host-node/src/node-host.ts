import type { Host, Http, Log } from "@tocsin/platform/host";
import { systemClock, systemLoop } from "./clock.ts";
import { filesTimedBy } from "./files.ts";
import { networkHttp } from "./http.ts";
import { processMemory } from "./memory.ts";
import { secretsFrom } from "./secrets.ts";

/** What differs between runs on one machine. */
export interface NodeHostOptions {
  /** File of `KEY=value` lines or folder with a file per key; default: the environment. */
  readonly secrets?: string;
  /** Default `process.env`: secrets, and the proxies `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Default: nothing is written. */
  readonly log?: Log;
  /** Bytes that this process may take; default: no limit. */
  readonly memory?: number;
}

/** The ports, implemented on Node. Nothing is opened, read or loaded before it is used. */
export interface NodeHost extends Host {
  readonly http: Http;
  /** Closes the connections that are kept open, which would keep the process alive for a moment. */
  close(): Promise<void>;
}

/** The machine and the network that this process runs on. */
export function nodeHost(options: NodeHostOptions = {}): NodeHost {
  const environment = options.environment ?? process.env;
  const http = networkHttp(environment);
  return {
    clock: systemClock,
    random: { next: () => Math.random() },
    http,
    files: filesTimedBy(systemClock),
    secrets: secretsFrom(options.secrets, environment),
    log: options.log ?? { write: () => undefined },
    loop: systemLoop(),
    ...(options.memory === undefined ? {} : { memory: processMemory(options.memory) }),
    close: () => http.close(),
  };
}
