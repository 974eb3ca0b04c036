import type { Answer, Masker } from "@tocsin/alerting/oncall";
import {
  type Clock,
  type Http,
  HttpError,
  type HttpRequest,
  type HttpResponse,
  type Secrets,
  Slab,
  utf8,
} from "@tocsin/platform/host";
import type { Stopper } from "./bell.ts";
import { classify, classifyFailure, type Verdict } from "./classify.ts";
import type { Delivery, StoredRequest } from "./delivery.ts";
import { integrationOf } from "./integrations/index.ts";
import { fromReference, keysOf } from "./references.ts";
import { retryAfter } from "./retry.ts";

/** How one attempt ended. `verdict.detail` is masked and explained. */
export interface Attempt {
  readonly verdict: Verdict;
  readonly milliseconds: number;
  readonly retryAfter: number | undefined;
  readonly answer?: Answer;
  /** What the service said, masked, up to 20,480 characters; undefined when it accepted. */
  readonly said?: string | undefined;
}

/** What an attempt needs of the world. */
export interface AttemptWorld {
  readonly clock: Clock;
  readonly http: Http;
  readonly secrets: Secrets;
  readonly masker: Masker;
  readonly timeoutMilliseconds: number;
  /** When the right to send it ends, because others may take it over then (monotonic). */
  readonly lapsesAt: number;
}

/** Milliseconds since 1970. */
export function wallMilliseconds(clock: Clock): number {
  return Number(clock.now() / 1_000_000n);
}

/** Sends a delivery once. Never rejects. What `stop` breaks off before it was sent is not sent. */
export function attempt(delivery: Delivery, world: AttemptWorld, stop: Stopper): Promise<Attempt> {
  const trial = new Trial(delivery, world);
  const request = withoutSecrets(delivery.request, world);
  // Few promises: there is one attempt for each event, and many events.
  return request === undefined ? trial.resolve(stop) : trial.send(request, stop);
}

/** An attempt that was broken off: its request may have arrived. */
export function brokenOff(milliseconds: number): Attempt {
  const error = new HttpError("aborted", "stopped before the answer came", true);
  return { verdict: classifyFailure(error), milliseconds, retryAfter: undefined };
}

/** An attempt that is under way. */
class Trial {
  readonly #delivery: Delivery;
  readonly #world: AttemptWorld;
  readonly #started: number;

  constructor(delivery: Delivery, world: AttemptWorld) {
    this.#delivery = delivery;
    this.#world = world;
    this.#started = world.clock.monotonic();
  }
  /** Finds its secrets first. */
  async resolve(stop: Stopper): Promise<Attempt> {
    const request = await resolved(this.#delivery.request, this.#world);
    if (typeof request !== "string") return this.send(request, stop);
    const reason = "secret-missing";
    return this.#ended({ kind: "blocked", reason, status: "", detail: request });
  }
  send(request: Filled, stop: Stopper): Promise<Attempt> {
    const { lapsesAt, clock, http } = this.#world;
    const left = lapsesAt - clock.monotonic();
    // The process stood still for so long that another one may have sent it, and newer states.
    const late = left <= 0 ? "its turn was over" : stop.aborted ? "stopped" : undefined;
    if (late !== undefined) {
      const failure = new HttpError("aborted", `not sent: ${late}`, false);
      return Promise.resolve(this.#ended(classifyFailure(failure)));
    }
    request.timeoutMilliseconds = Math.min(request.timeoutMilliseconds, left);
    try {
      return http.send(request, stop).then(
        (response) => this.#answered(response, request.url),
        (error: unknown) => this.#failed(error, request.url),
      );
    } catch (error) {
      return Promise.resolve(this.#failed(error, request.url));
    }
  }

  #answered(response: HttpResponse, url: string): Attempt {
    const { masker, clock } = this.#world;
    const verdict = explained(classify(response), this.#delivery, url, masker);
    const { status, headers, body } = response;
    const ended = this.#ended(verdict);
    const { milliseconds } = ended;
    return {
      verdict,
      milliseconds,
      retryAfter: askedFor(response, clock),
      answer: { status, headers, body, milliseconds },
      said: verdict.kind === "accepted" ? undefined : saidBy(response, masker),
    };
  }
  #failed(error: unknown, url: string): Attempt {
    const failure =
      error instanceof HttpError ? error : new HttpError("other", "the request failed", true);
    return this.#ended(
      explained(classifyFailure(failure), this.#delivery, url, this.#world.masker),
    );
  }
  #ended(verdict: Verdict): Attempt {
    const milliseconds = Math.round(this.#world.clock.monotonic() - this.#started);
    return { verdict, milliseconds, retryAfter: undefined };
  }
}

/** How many characters of an answer are kept. */
const keptCharacters = 20_480;

function saidBy({ body }: HttpResponse, masker: Masker): string | undefined {
  // Masked before it is cut: half a key is a secret, too.
  const text = utf8.decode(body.subarray(0, keptCharacters * 4));
  const said = masker.mask(text).slice(0, keptCharacters);
  return said === "" ? undefined : said;
}

function askedFor({ headers }: HttpResponse, clock: Clock): number | undefined {
  const header = headers["retry-after"];
  return header === undefined ? undefined : retryAfter(header, wallMilliseconds(clock));
}

/** A request with its secrets, of whose time some may be spent. */
type Filled = HttpRequest & { timeoutMilliseconds: number };

/** The request, when it needs no secret: nothing has to be waited for. */
function withoutSecrets(
  { method, url, headers, body, redirect }: StoredRequest,
  { timeoutMilliseconds }: Pick<AttemptWorld, "timeoutMilliseconds">,
): Filled | undefined {
  if (url.includes("$") || body.includes("$")) return undefined;
  for (const name in headers) if (headers[name].includes("$")) return undefined;
  return {
    method,
    url: redirect === undefined ? url : redirectTo(redirect, url),
    headers,
    body: bytesOf(body),
    timeoutMilliseconds,
  };
}

/** Where bodies are written. */
const bodies = new Slab(128 * 1024, (length) => new Uint8Array(length));

/** Longer ones are not given three bytes for each unit first. */
const longBody = 5000;

function bytesOf(text: string): Uint8Array {
  if (text.length > longBody) return utf8.encode(text);
  const piece = bodies.cut(text.length * 3);
  return bodies.shorten(piece, utf8.encodeInto(text, piece));
}

/** The request with its secrets, or why there is none. */
export async function resolved(
  stored: StoredRequest,
  {
    secrets,
    masker,
    timeoutMilliseconds,
  }: Pick<AttemptWorld, "secrets" | "masker" | "timeoutMilliseconds">,
): Promise<Filled | string> {
  const texts = [stored.url, stored.body, ...Object.values(stored.headers)];
  const values = new Map<string, string>();
  for (const key of new Set(texts.flatMap(keysOf))) {
    const value = await secrets.get(key).catch((error: unknown) => messageOf(error));
    if (typeof value === "object") return value.message;
    if (value === undefined) return `the secret ${key}, which this event needs, is not there now`;
    values.set(key, value);
    masker.add(key, value);
  }
  const fill = (text: string) => fromReference(text, (key) => values.get(key)) ?? "";
  const url = fill(stored.url);
  return {
    method: stored.method,
    url: stored.redirect === undefined ? url : redirectTo(stored.redirect, url),
    headers: Object.fromEntries(
      Object.entries(stored.headers).map(([name, value]) => [name, fill(value)]),
    ),
    body: utf8.encode(fill(stored.body)),
    timeoutMilliseconds,
  };
}

function messageOf(error: unknown): { message: string } {
  return { message: error instanceof Error ? error.message : String(error) };
}

/** The same path on another origin: what `--deliver-to` does to every request. */
export function redirectTo(origin: string, url: string): string {
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
  const slash = path.startsWith("/") ? "" : "/";
  return origin.replace(/\/+$/, "") + slash + path;
}

function explained(verdict: Verdict, delivery: Delivery, url: string, masker: Masker): Verdict {
  if (verdict.kind === "accepted") return verdict;
  const integration = integrationOf(delivery.integration);
  for (const secret of integration.secretsOf(url)) masker.hide(secret);
  const advice = integration.explain(verdict.reason, url);
  const status = verdict.status === "" ? "" : `HTTP ${verdict.status}`;
  const said = [status, verdict.detail].filter((one) => one !== "").join(": ");
  const detail = [said, advice].filter((one) => one !== "").join(". ");
  return { ...verdict, detail: masker.mask(detail) };
}
