import {
  type Http,
  HttpError,
  type HttpRequest,
  type HttpResponse,
  type Random,
  seeded,
  type Signal,
  utf8,
} from "@tocsin/platform/host";
import { type Ledgers, numberOf, type Receipt } from "./ledgers.ts";
import { type Process, start } from "./time.ts";

/** What may happen to a request, and how often, between two moments. */
export interface Weather {
  readonly from: number;
  readonly until: number;
  readonly fault: Fault;
  /** Of requests, 0 to 1. */
  readonly share: number;
}

interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly retryAfter?: string;
  /** Seconds from now, in `Retry-After` as a date: RFC 9110's, or C's `asctime`. */
  readonly date?: { readonly seconds: number; readonly form: "imf" | "asctime" };
}

interface Play {
  /** Whether the request arrives whole. */
  readonly arrives: boolean;
  readonly effect: Receipt["effect"];
  /** The answer; undefined: none comes. */
  readonly answer?: Answer;
  /** How the attempt ends when no answer comes. */
  readonly error?: HttpError;
  /** How long the service takes. Milliseconds. */
  readonly takes?: number;
}

const html = "<!doctype html><html><body>please log in</body></html>";
/** What an answer is called that the weather did not bring. */
const keyRotated = "answer 404 to the old key";
const no = { arrives: false, effect: "nothing" } as const;
const gets = { arrives: true, effect: "nothing" } as const;
const acts = { arrives: true, effect: "accepted" } as const;

const imf = (seconds: number) => ({ seconds, form: "imf" }) as const;

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
  "answer 429, asks for a date": { ...gets, answer: { status: 429, date: imf(25) } },
  "answer 503, asks for a date as asctime": {
    ...gets,
    answer: { status: 503, date: { seconds: 40, form: "asctime" } },
  },
  "answer 429, asks for a day that is over": { ...gets, answer: { status: 429, date: imf(-9e5) } },
  "answer 429, asks for a day in years": { ...gets, answer: { status: 429, date: imf(9e7) } },
  "answer 429, asks for 0 s": { ...gets, answer: { status: 429, retryAfter: "0" } },
  "answer 429, asks for less than none": { ...gets, answer: { status: 429, retryAfter: "-30" } },
  "answer 408": { ...gets, answer: { status: 408 } },
  "answer 425": { ...gets, answer: { status: 425 } },
  "answer 504 in HTML": { ...gets, answer: { status: 504, body: html } },
  "answer 529": { ...gets, answer: { status: 529, body: "overloaded" } },
  "answer 401": { ...gets, answer: { status: 401, body: "{url}" } },
  "answer 402": { ...gets, answer: { status: 402 } },
  "answer 405": { ...gets, answer: { status: 405 } },
  "answer 407": { ...gets, answer: { status: 407, body: html } },
  "answer 410": { ...gets, answer: { status: 410 } },
  "answer 451": { ...gets, answer: { status: 451 } },
  "answer 413": { arrives: true, effect: "refused", answer: { status: 413, body: "too large" } },
  "answer 422": { arrives: true, effect: "refused", answer: { status: 422, body: "{url}" } },
  "answer 204": { ...acts, answer: { status: 204 } },
  "answer 200, JSON that breaks off": { ...acts, answer: { status: 200, body: '{"result":"suc' } },
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
const blocking: ReadonlySet<string> = new Set<Fault | typeof keyRotated>([
  "answer 401",
  "answer 402",
  "answer 403",
  "answer 404",
  "answer 405",
  "answer 407",
  "answer 410",
  "answer 451",
  keyRotated,
  "answer 302",
  "answer 200 in HTML",
  "no such host",
  "TLS fails",
]);

/** So long may the network hold up a request whose process is gone. Milliseconds. */
const longestOnTheWay = 1500;

type Asked = HttpRequest & { readonly excuse: string };

/** When nothing may be sent, as `process` learned. */
interface Pause {
  readonly process: Process;
  readonly from: number;
  readonly until: number;
  readonly clockSteps: number;
}

const wrongKey: Play = { ...gets, answer: { status: 404, body: "no such key: {url}" } };
const fine: Play = { ...acts, answer: { status: 200, body: '{"result":"success"}' } };

/** On-Call, and the network before it. */
export class Service {
  readonly #ledgers: Ledgers;
  readonly #random: Random;
  /** Of what a dead process had on its way. */
  readonly #delays: Random;
  readonly #weather: readonly Weather[];
  readonly #silences: Pause[] = [];
  readonly #blocks: Pause[] = [];
  #openedAt = -Infinity;
  readonly #processes: Process[] = [];
  /** The only one that it takes; "" takes any. */
  key = "";
  /** When the requests came in. */
  readonly arrivals: number[] = [];

  constructor(ledgers: Ledgers, seed: number, weather: readonly Weather[]) {
    this.#ledgers = ledgers;
    this.#random = seeded(seed);
    this.#delays = seeded(seed * 48_271);
    this.#weather = weather;
  }

  /** Whoever knows that it is blocked may ask it at once: a new process, a person. */
  mayAsk(): void {
    this.#blocks.length = 0;
  }
  /** The network as a process has it. `excuse`: why what it sends may come again all the same. */
  http(process: Process, excuse = () => ""): Http {
    this.#processes.push(process);
    return {
      send: (request, signal) => this.#send(process, { ...request, excuse: excuse() }, signal),
      stream: () => Promise.reject(new Error("nothing is streamed here")),
    };
  }

  async #send(process: Process, request: Asked, signal?: Signal): Promise<HttpResponse> {
    const { time } = process;
    const { outages, clockSteps } = time;
    const latest = time.now + request.timeoutMilliseconds;
    await process.step();
    if (time.now >= latest) throw new HttpError("timeout", "too late to send", false);
    this.#mustNotBeSilent(process, request.excuse);
    // What is sent without the outbox knows nothing of that, and nobody hears from it.
    const alone = request.excuse === "alone";
    if (!alone) this.#mustNotBeBlocked(process);
    const { name, play } = this.#play(time.now, request.url);
    if (name !== "") this.#ledgers.fault(name);
    const end = time.now + request.timeoutMilliseconds;
    await new Promise<void>((resolve) => time.after(1 + this.#random.next() * 20, resolve));
    // What was not on the wire yet when the process died or gave up never leaves.
    const gone = !process.alive || signal?.aborted === true;
    const receipt = play.arrives && !gone ? this.#receive(process, request, name, play) : undefined;
    let answered = false;
    signal?.addEventListener("abort", () => {
      // Whoever gives up reads no answer.
      if (receipt !== undefined && !answered) receipt.excuse = "broken off";
    });
    // Of what went out without its mark no other process knows that it may be on its way.
    const marked = request.excuse === "";
    if (play.arrives && gone && marked && time.outages === outages) {
      this.#mayComeLate(process, clockSteps, () => this.#note(process, request, play));
    }
    if (gone) {
      // Nobody answers what did not arrive.
      await process.step();
      throw new HttpError("aborted", "stopped on its way", true);
    }
    await new Promise<void>((resolve) => {
      time.after(play.takes ?? 1 + this.#random.next() * 30, resolve);
    });
    await process.step();
    if (play.answer === undefined && play.error === undefined) {
      await process.wait(end - time.now);
      throw new HttpError("timeout", "no answer within 10 s", true);
    }
    await process.wait(1 + this.#random.next() * 10);
    const heard = !alone && !isRaised(signal);
    if (heard) this.#silence(process, play);
    if (heard) this.#block(process, name, play);
    answered = true;
    if (receipt !== undefined && play.error !== undefined) receipt.excuse = name;
    if (play.error !== undefined) throw play.error;
    const answer = play.answer ?? { status: 200 };
    const { status, body = "" } = answer;
    const wanted = headerOf(answer, time.now);
    return {
      status,
      headers: wanted === undefined ? {} : { "retry-after": wanted },
      body: utf8.encode(body.replace("{url}", request.url)),
    };
  }

  /** The process knows now that silence is asked for. */
  #silence(process: Process, { answer }: Play): void {
    // A date has whole seconds, and means nothing to a clock that is wrong.
    const { now, stepped, clockSteps, clockSteppedAt } = process.time;
    const dated = stepped === 0 ? (answer?.date?.seconds ?? 1) - 1 : 0;
    const asked = answer?.retryAfter === undefined ? dated : Number(answer.retryAfter);
    // Who looked at the clock just before it was set may write afterwards.
    if (!(asked > 0) || now - clockSteppedAt < 2000) return;
    // What is on its way to be sent, or to be written down, is not stopped by it.
    const from = now + 500;
    this.#silences.push({ process, from, until: now + Math.min(asked, 900) * 1000, clockSteps });
  }
  #mustNotBeSilent(asking: Process, excuse: string): void {
    const { time } = asking;
    if (justWoke(asking)) return;
    for (const { process, from, until, clockSteps } of this.#silences) {
      // Without its outbox a process does not hear of what was asked of others.
      if (excuse === "alone" || (excuse === "unmarked" && process !== asking)) continue;
      // Who died, stood still or lost its disk had no time to write it down; clocks that step end it.
      if (hindered(process, from) || clockSteps !== time.clockSteps) continue;
      if (time.now > from && time.now < until - 50) {
        this.#ledgers.violate("silence is kept", `asked for until ${until}, broken at ${time.now}`);
      }
    }
  }

  /** The process knows now that the endpoint takes no events: others wait, and it is asked once a minute. */
  #block(process: Process, name: string, { effect }: Play): void {
    const { now, clockSteps, clockSteppedAt } = process.time;
    if (effect !== "nothing") {
      this.#blocks.length = 0;
      this.#openedAt = now;
    }
    // Who was answered at about the same time may have written later that the endpoint is open.
    if (!blocking.has(name) || now - this.#openedAt < 500) return;
    if (now - clockSteppedAt < 2000) return;
    this.#blocks.push({ process, from: now + 500, until: now + 59_000, clockSteps });
  }
  #mustNotBeBlocked(asking: Process): void {
    const { time } = asking;
    if (justWoke(asking)) return;
    for (const { process, from, until, clockSteps } of this.#blocks) {
      if (hindered(process, from) || clockSteps !== time.clockSteps) continue;
      // Who stood still reads late that it was answered well once: that opens the endpoint.
      if (this.#processes.some((one) => one.troubled(from - 500, time.now))) continue;
      if (time.now > from && time.now < until) {
        this.#ledgers.violate("one probe a minute", `blocked until ${until}, asked ${time.now}`);
      }
    }
  }

  #play(now: number, url: string): { name: string; play: Play } {
    for (const { from, until, fault, share } of this.#weather) {
      if (now < from || now >= until || this.#random.next() >= share) continue;
      return { name: fault, play: faults[fault] };
    }
    if (!url.includes(this.key)) return { name: keyRotated, play: wrongKey };
    return { name: "", play: fine };
  }

  /** Or it was, and is held up there: nobody can call it back. The end of a machine ends that, too. */
  #mayComeLate(process: Process, clockSteps: number, arrive: () => void): void {
    if (this.#delays.next() < 0.3) return;
    const { time } = process;
    const { outages } = time;
    time.after(this.#delays.next() * longestOnTheWay, () => {
      // Settling is by the wall clock: one that is set after its process gave up ends it too soon.
      if (time.outages !== outages || time.clockSteps !== clockSteps) return;
      this.#ledgers.fault("request that was on its way at the end comes late");
      arrive();
    });
  }
  #note(process: Process, request: HttpRequest, { effect }: Play): void {
    const number = numberOf(utf8.decode(request.body ?? new Uint8Array(0)));
    this.#ledgers.late({
      number,
      at: process.time.now,
      process,
      effect,
      alone: false,
      excuse: "late",
    });
  }

  #receive(process: Process, request: Asked, name: string, play: Play): Receipt {
    const number = numberOf(utf8.decode(request.body ?? new Uint8Array(0)));
    const { effect } = play;
    const excuse = ambiguous.has(name) ? name : request.excuse;
    if (request.excuse !== "") this.#ledgers.unmarked.add(number);
    const alone = request.excuse === "alone";
    const receipt = { number, at: process.time.now, process, effect, alone, excuse };
    this.arrivals.push(receipt.at);
    this.#ledgers.receive(receipt);
    return receipt;
  }
}

function isRaised(signal: Signal | undefined): boolean {
  return signal?.aborted === true;
}

/** What a process had decided before it stood still leaves as soon as it goes on. */
function justWoke(process: Process): boolean {
  const { now } = process.time;
  return process.troubled(now - 100, now);
}

/** Whether it may not have written down what it learned then. */
function hindered(process: Process, at: number): boolean {
  return process.troubled(at - 20_000, at + 20_000);
}

function headerOf({ retryAfter, date }: Answer, now: number): string | undefined {
  if (date === undefined) return retryAfter;
  const at = new Date(start + now + date.seconds * 1000);
  const imf = at.toUTCString();
  if (date.form === "imf") return imf;
  const [day, number, month, year, time] = imf.replace(",", "").split(" ");
  return `${day} ${month} ${number.replace(/^0/, " ")} ${time} ${year}`;
}
