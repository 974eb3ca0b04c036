import type { Masker } from "@tocsin/alerting/oncall";
import { type Clock, type Http, HttpError, type Log, type Secrets } from "@tocsin/platform/host";
import { utf8 } from "@tocsin/platform/host";
import { resolved, wallMilliseconds } from "./attempt.ts";
import { classify, classifyFailure } from "./classify.ts";
import type { Delivery } from "./delivery.ts";
import type { OutboxStore } from "./store.ts";

/** A second way for a page that is late. */
export interface FallbackRoute {
  /** For people: "command", "second endpoint". */
  readonly name: string;
  /** Never rejects. `detail` is for people and holds no secret. */
  send(
    delivery: Delivery,
    lateMilliseconds: number,
  ): Promise<{ readonly sent: boolean; readonly status: string; readonly detail: string }>;
}

/** What sends late pages works with. Times in milliseconds. */
export interface FallbackOptions {
  readonly store: OutboxStore;
  readonly clock: Clock;
  readonly route: FallbackRoute;
  /** A page that waits for longer is late. */
  readonly lateAfter: number;
  /** Whether more than those that go at once may be begun. Default: yes. */
  readonly goesOn?: () => boolean;
  readonly log?: Log;
}

/** A fallback that failed, or whose process vanished, is tried again after this time. */
const againAfter = 60_000;
/** How many go at once. */
const together = 8;

/**
 * Sends every page that is late by the second way, too: once for each event, whatever restarts between.
 * What was recorded for another origin (`--deliver-to`) is a test and never leaves by another way.
 * Gives how many went.
 */
export async function sendLate(options: FallbackOptions): Promise<number> {
  const { store, clock, lateAfter } = options;
  const now = wallMilliseconds(clock);
  const before = now - lateAfter;
  const late = await store.late({ before, untriedSince: now - againAfter, limit: 100 });
  const due = late.filter(({ request }) => request.redirect === undefined);
  let sent = 0;
  for (let at = 0; at < due.length; at += together) {
    if (at > 0 && options.goesOn?.() === false) break;
    const some = due.slice(at, at + together).map((one) => sendOne(one, options));
    sent += (await Promise.all(some)).filter((one) => one).length;
  }
  return sent;
}

async function sendOne(delivery: Delivery, options: FallbackOptions): Promise<boolean> {
  const { store, clock, route, log } = options;
  const { id, fallback: expect } = delivery;
  const at = wallMilliseconds(clock);
  const begun = { state: "begun", at } as const;
  const minutes = Math.round((at - delivery.recordedAt) / 60_000);
  const late = `late by ${minutes} minutes`;
  const first = { id, expect, next: begun, status: "", detail: `${late}: ${route.name}` };
  // Written down before it leaves: another process, or the next one, must not send it again.
  if (!(await store.markFallback(first))) return false;
  const { sent, status, detail } = await route.send(delivery, at - delivery.recordedAt);
  const next = { state: sent ? "sent" : "failed", at: wallMilliseconds(clock) } as const;
  const said = `${route.name}: ${detail === "" ? next.state : detail}`;
  await store.markFallback({ id, expect: begun, next, status, detail: said });
  if (!sent) log?.write("warn", `the fallback failed (${said})`, { id });
  return sent;
}

/** The second way through another address: the same body, with a note that it is the fallback. */
export function addressRoute(world: {
  readonly url: () => Promise<string | undefined>;
  readonly http: Http;
  readonly secrets: Secrets;
  readonly masker: Masker;
}): FallbackRoute {
  const { http, secrets, masker } = world;
  return {
    name: "second endpoint",
    send: async (delivery, lateMilliseconds) => {
      const url = await world.url().catch(() => undefined);
      if (url === undefined) return { sent: false, status: "", detail: "its address is not known" };
      masker.hide(url);
      const request = await resolved(delivery.request, {
        secrets,
        masker,
        timeoutMilliseconds: 10_000,
      });
      if (typeof request === "string") return { sent: false, status: "", detail: request };
      const body = marked(utf8.decode(request.body ?? new Uint8Array()), lateMilliseconds);
      try {
        const answer = await http.send({ ...request, url, body: utf8.encode(body) });
        const { kind, status, detail } = classify(answer);
        return { sent: kind === "accepted", status, detail: masker.mask(detail) };
      } catch (error) {
        const failure =
          error instanceof HttpError ? error : new HttpError("other", "the request failed", true);
        const { status, detail } = classifyFailure(failure);
        return { sent: false, status, detail: masker.mask(detail) };
      }
    },
  };
}

function marked(body: string, lateMilliseconds: number): string {
  const minutes = Math.round(lateMilliseconds / 60_000);
  const note = `sent by Tocsin's fallback: the usual way is late by ${minutes} minutes`;
  try {
    const fields: unknown = JSON.parse(body);
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return body;
    return JSON.stringify({ ...fields, "vo_annotate.s.Fallback": note });
  } catch {
    return body;
  }
}
