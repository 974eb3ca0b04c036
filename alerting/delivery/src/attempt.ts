import type { Answer, Masker } from "@tocsin/alerting/oncall";
import {
  type Clock,
  type Http,
  HttpError,
  type HttpRequest,
  type HttpResponse,
} from "@tocsin/platform/host";
import { type Secrets, utf8 } from "@tocsin/platform/host";
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

/** Sends a delivery once. Never rejects. */
export async function attempt(
  delivery: Delivery,
  world: AttemptWorld,
  stop: Stopper,
): Promise<Attempt> {
  const started = world.clock.monotonic();
  const took = () => Math.round(world.clock.monotonic() - started);
  const request =
    withoutSecrets(delivery.request, world) ?? (await resolved(delivery.request, world));
  if (typeof request === "string") {
    const verdict = { kind: "blocked", reason: "secret-missing", status: "" } as const;
    return {
      verdict: { ...verdict, detail: request },
      milliseconds: took(),
      retryAfter: undefined,
    };
  }
  const left = world.lapsesAt - world.clock.monotonic();
  if (left <= 0) {
    // The process stood still for so long that another one may have sent it, and newer states.
    const failure = new HttpError("aborted", "not sent: its turn was over", false);
    return { verdict: classifyFailure(failure), milliseconds: took(), retryAfter: undefined };
  }
  try {
    request.timeoutMilliseconds = Math.min(request.timeoutMilliseconds, left);
    const sent = world.http.send(request, stop);
    const response = await untilStopped(sent, stop);
    const verdict = explained(classify(response), delivery, request.url, world.masker);
    const milliseconds = took();
    const { status, headers, body } = response;
    const answer = { status, headers, body, milliseconds };
    const said = verdict.kind === "accepted" ? undefined : saidBy(response, world.masker);
    return { verdict, milliseconds, retryAfter: askedFor(response, world.clock), answer, said };
  } catch (error) {
    const failure =
      error instanceof HttpError ? error : new HttpError("other", "the request failed", true);
    const verdict = explained(classifyFailure(failure), delivery, request.url, world.masker);
    return { verdict, milliseconds: took(), retryAfter: undefined };
  }
}

/** Bytes. */
const slabSize = 128 * 1024;

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

function untilStopped<T>(sent: Promise<T>, stop: Stopper): Promise<T> {
  return new Promise((resolve, reject) => {
    const raise = () => reject(new HttpError("aborted", "stopped before the answer came", true));
    const end = () => stop.removeEventListener("abort", raise);
    stop.addEventListener("abort", raise);
    if (stop.aborted) raise();
    sent.then(
      (answer) => {
        end();
        resolve(answer);
      },
      (error: unknown) => {
        end();
        reject(error);
      },
    );
  });
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

/** Bodies are written into one memory, one behind the other: each of its own would have to be collected. */
let slab = new Uint8Array(0);
let used = 0;

function bytesOf(text: string): Uint8Array {
  const most = text.length * 3;
  if (most > slabSize / 8) return utf8.encode(text);
  if (used + most > slab.length) [slab, used] = [new Uint8Array(slabSize), 0];
  const begin = used;
  used += utf8.encodeInto(text, slab.subarray(begin));
  return slab.subarray(begin, used);
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
