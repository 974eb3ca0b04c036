import type { Masker } from "@tocsin/alerting/oncall";
import type { Clock, Http, Log, Loop, Random, Secrets } from "@tocsin/platform/host";
import type { Deference } from "./deference.ts";
import type { Rate } from "./rate.ts";
import type { OutboxStore } from "./store.ts";

/** What a sender works with. Times in milliseconds. */
export interface SenderOptions {
  readonly store: OutboxStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly http: Http;
  readonly secrets: Secrets;
  readonly log?: Log;
  /** Lets answers that are there be read before verdicts are stored, so that many share one sync. */
  readonly loop?: Loop;
  /** Takes secrets out of what services answer. */
  readonly masker?: Masker;
  /** What a host is given; undefined: no limit. Default: On-Call's own host has one. */
  readonly rateOf?: (host: string) => Rate | undefined;
  /** Requests in flight per endpoint, at most; it gets 32 before it has answered any. Default 512. */
  readonly concurrency?: number;
  /** The answers of fewer requests than this are written down together; default 64. */
  readonly fewFlights?: number;
  /** A whole attempt. Default 10 000. */
  readonly attemptTimeout?: number;
  /** The run for which what earlier runs left waits; none when it is undefined. */
  readonly deference?: Deference | undefined;
}
