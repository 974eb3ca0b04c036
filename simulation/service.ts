import {
  type Http,
  HttpError,
  type HttpRequest,
  type HttpResponse,
  type Random,
  type Signal,
  utf8,
} from "@tocsin/platform/host";
import { type Ledgers, numberOf, type Receipt } from "./ledgers.ts";
import type { Process } from "./time.ts";

/** What may happen to a request, and how often, between two moments. */
export interface Weather {
  readonly from: number;
  readonly until: number;
  readonly fault: Fault;
  /** Of requests, 0 to 1. */
  readonly share: number;
}

interface Play {
  /** Whether the request arrives whole. */
  readonly arrives: boolean;
  readonly effect: Receipt["effect"];
  /** The answer; undefined: none comes. */
  readonly answer?: { status: number; body?: string; retryAfter?: string };
  /** How the attempt ends when no answer comes. */
  readonly error?: HttpError;
  /** How long the service takes. Milliseconds. */
  readonly takes?: number;
}

const html = "<!doctype html><html><body>please log in</body></html>";
const no = { arrives: false, effect: "nothing" } as const;
const gets = { arrives: true, effect: "nothing" } as const;
const acts = { arrives: true, effect: "accepted" } as const;

/** Everything that can be wrong between here and On-Call, by name. */
export const faults = {
  "answer 500": { ...gets, answer: { status: 500 } },
  "answer 502 in HTML": { ...gets, answer: { status: 502, body: html } },
  "answer 503": { ...gets, answer: { status: 503 } },
  "answer 503, asks for 20 s": { ...gets, answer: { status: 503, retryAfter: "20" } },
  "answer 429": { ...gets, answer: { status: 429 } },
  "answer 429, asks for 7 s": { ...gets, answer: { status: 429, retryAfter: "7" } },
  "answer 429, asks for ten years": { ...gets, answer: { status: 429, retryAfter: "315360000" } },
  "answer 429, asks for nonsense": { ...gets, answer: { status: 429, retryAfter: "soon" } },
  "answer 404": { ...gets, answer: { status: 404, body: "no such URL: {url}" } },
  "answer 403": { ...gets, answer: { status: 403 } },
  "answer 302": { ...gets, answer: { status: 302 } },
  "answer 200 in HTML": { ...gets, answer: { status: 200, body: html } },
  "answer 400": { arrives: true, effect: "refused", answer: { status: 400, body: "{url}?" } },
  "answer 200, says failure": {
    arrives: true,
    effect: "refused",
    answer: { status: 200, body: '{"result":"failure","message":"not {url}"}' },
  },
  "answer 200, empty": { ...acts, answer: { status: 200 } },
  "answer 202": { ...acts, answer: { status: 202 } },
  "answer after 3 s": { ...acts, answer: { status: 200 }, takes: 3000 },
  "answer 200, cut": { ...acts, error: new HttpError("truncated", "the answer was cut", true) },
  "acted, then reset": { ...acts, error: new HttpError("reset", "connection reset", true) },
  "acted, never answers": { ...acts },
  "got it, never answers": { ...gets },
  "never gets it, hangs": { ...no },
  "reset in the request": { ...no, error: new HttpError("reset", "connection reset", true) },
  "connection refused": { ...no, error: new HttpError("refused", "refused", false) },
  "DNS fails": { ...no, error: new HttpError("dns", "the resolver fails", false) },
  "no such host": { ...no, error: new HttpError("no-such-host", "no such host", false) },
  "TLS fails": { ...no, error: new HttpError("tls", "the certificate has expired", false) },
  unreachable: { ...no, error: new HttpError("unreachable", "no route", false) },
} as const satisfies Record<string, Play>;

/** A name in `faults`. */
export type Fault = keyof typeof faults;

/** Faults after which the service has acted, and the sender cannot know it. */
const ambiguous: ReadonlySet<string> = new Set<Fault>([
  "answer 200, cut",
  "acted, then reset",
  "acted, never answers",
]);

/** Faults that speak about the endpoint, not about the event. */
const blocking: ReadonlySet<string> = new Set<Fault>([
  "answer 404",
  "answer 403",
  "answer 302",
  "answer 200 in HTML",
  "no such host",
  "TLS fails",
]);

/** When nothing may be sent, as `process` learned. */
interface Pause {
  readonly process: Process;
  readonly from: number;
  readonly until: number;
  readonly stepped: number;
}

const fine: Play = { ...acts, answer: { status: 200, body: '{"result":"success"}' } };

/** On-Call, and the network before it. */
export class Service {
  readonly #ledgers: Ledgers;
  readonly #random: Random;
  readonly #weather: readonly Weather[];
  readonly #silences: Pause[] = [];
  readonly #blocks: Pause[] = [];
  #openedAt = -Infinity;
  /** When the requests came in. */
  readonly arrivals: number[] = [];

  constructor(ledgers: Ledgers, random: Random, weather: readonly Weather[]) {
    this.#ledgers = ledgers;
    this.#random = random;
    this.#weather = weather;
  }

  /** The network as a process has it. */
  http(process: Process): Http {
    // A new process may ask a blocked endpoint at once.
    this.#blocks.length = 0;
    return {
      send: (request, signal) => this.#send(process, request, signal),
      stream: () => Promise.reject(new Error("nothing is streamed here")),
    };
  }

  async #send(process: Process, request: HttpRequest, signal?: Signal): Promise<HttpResponse> {
    const { time } = process;
    const latest = time.now + request.timeoutMilliseconds;
    await process.step();
    if (time.now >= latest) throw new HttpError("timeout", "too late to send", false);
    this.#mustNotBeSilent(process);
    this.#mustNotBeBlocked(process);
    const { name, play } = this.#play(time.now);
    if (name !== "") this.#ledgers.fault(name);
    const end = time.now + request.timeoutMilliseconds;
    await new Promise<void>((resolve) => time.after(1 + this.#random.next() * 20, resolve));
    // What was not on the wire yet when the process died or gave up never leaves.
    const gone = !process.alive || signal?.aborted === true;
    const receipt = play.arrives && !gone ? this.#receive(process, request, name, play) : undefined;
    await new Promise<void>((resolve) => {
      time.after(play.takes ?? 1 + this.#random.next() * 30, resolve);
    });
    await process.step();
    if (play.answer === undefined && play.error === undefined) {
      await process.wait(end - time.now);
      throw new HttpError("timeout", "no answer within 10 s", true);
    }
    await process.wait(1 + this.#random.next() * 10);
    this.#silence(process, play);
    this.#block(process, name, play);
    if (receipt !== undefined && play.error !== undefined) receipt.excuse = name;
    if (play.error !== undefined) throw play.error;
    const { status, body = "", retryAfter } = play.answer ?? { status: 200 };
    return {
      status,
      headers: retryAfter === undefined ? {} : { "retry-after": retryAfter },
      body: utf8.encode(body.replace("{url}", request.url)),
    };
  }

  /** The process knows now that silence is asked for. */
  #silence(process: Process, { answer }: Play): void {
    const asked = Number(answer?.retryAfter ?? 0);
    if (!(asked > 0)) return;
    const { now, stepped } = process.time;
    // What is on its way to be sent, or to be written down, is not stopped by it.
    const from = now + 500;
    this.#silences.push({ process, from, until: now + Math.min(asked, 900) * 1000, stepped });
  }
  #mustNotBeSilent({ time }: Process): void {
    for (const { process, from, until, stepped } of this.#silences) {
      // Who died, stood still or lost its disk had no time to write it down; clocks that step end it.
      if (process.troubledAt > from - 20_000 || stepped !== time.stepped) continue;
      if (time.now > from && time.now < until - 50) {
        this.#ledgers.violate("silence is kept", `asked for until ${until}, broken at ${time.now}`);
      }
    }
  }

  /** The process knows now that the endpoint takes no events: others wait, and it is asked once a minute. */
  #block(process: Process, name: string, { effect }: Play): void {
    const { now, stepped } = process.time;
    if (effect !== "nothing") {
      this.#blocks.length = 0;
      this.#openedAt = now;
    }
    // Who was answered at about the same time may have written later that the endpoint is open.
    if (!blocking.has(name) || now - this.#openedAt < 500) return;
    this.#blocks.push({ process, from: now + 500, until: now + 59_000, stepped });
  }
  #mustNotBeBlocked({ time }: Process): void {
    for (const { process, from, until, stepped } of this.#blocks) {
      if (process.troubledAt > from - 20_000 || stepped !== time.stepped) continue;
      if (time.now > from && time.now < until) {
        this.#ledgers.violate("one probe a minute", `blocked until ${until}, asked ${time.now}`);
      }
    }
  }

  #play(now: number): { name: string; play: Play } {
    for (const { from, until, fault, share } of this.#weather) {
      if (now < from || now >= until || this.#random.next() >= share) continue;
      return { name: fault, play: faults[fault] };
    }
    return { name: "", play: fine };
  }

  #receive(process: Process, request: HttpRequest, name: string, play: Play): Receipt {
    const number = numberOf(utf8.decode(request.body ?? new Uint8Array(0)));
    const { effect } = play;
    const excuse = ambiguous.has(name) ? name : "";
    const receipt = { number, at: process.time.now, process, effect, excuse };
    this.arrivals.push(receipt.at);
    this.#ledgers.receive(receipt);
    return receipt;
  }
}
