import {
  eventOf,
  type EventWords,
  type Masker,
  type OutgoingRequest,
} from "@tocsin/alerting/oncall";
import type { Clock } from "@tocsin/platform/host";
import { redirectTo, wallMilliseconds } from "./attempt.ts";
import type { NewDelivery, StoredRequest } from "./delivery.ts";
import { integrationOf } from "./integrations/index.ts";
import type { Integration } from "./integrations/integration.ts";
import { hostOf } from "./rate.ts";
import { showReference, toReference } from "./references.ts";

/** What the events of a run have in common. */
export interface EventOrigin {
  readonly runId: string;
  /** Whether no other run has this id or will have it: whoever asks again for one of its events has the event. Default false. */
  readonly once?: boolean;
  /** Origin that every request goes to instead of its own. */
  readonly deliverTo?: string;
}

/** Where requests go, as it is stored: most of a run's differ in their bodies alone. */
interface Place {
  readonly asked: OutgoingRequest;
  /** How many secrets were known then. */
  readonly secrets: number;
  readonly integration: Integration;
  readonly stored: Omit<StoredRequest, "body">;
  readonly endpoint: string;
  readonly host: string;
  /** How the identities of its events begin. */
  readonly opening: string;
  /** By what an event says: how often it was said. */
  readonly counts: Map<string, number>;
  /** By entity: one text for all events of one, since they are looked up by it again and again. */
  readonly orderKeys: Map<string, string>;
}

/** Of requests that were handed over together, in their order. Undefined: it is no event, and is sent directly. */
type Made = readonly (NewDelivery | undefined)[];

/** Makes the events of a run from what its script asks for. Gates that share one know what is given to both. */
export class EventMaker {
  readonly #origin: EventOrigin;
  readonly #masker: Masker;
  readonly #clock: Clock;
  /** By the opening of a place. */
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #made = new WeakMap<readonly OutgoingRequest[], Made>();
  #last: Place | undefined;
  #count = 0;

  constructor(origin: EventOrigin, { masker, clock }: { masker: Masker; clock: Clock }) {
    this.#origin = origin;
    this.#masker = masker;
    this.#clock = clock;
  }

  /** The same requests give the same events. */
  make(requests: readonly OutgoingRequest[]): Made {
    const known = this.#made.get(requests);
    if (known !== undefined) return known;
    const now = wallMilliseconds(this.#clock);
    const made = requests.map((one) => this.#event(one, now));
    this.#made.set(requests, made);
    return made;
  }

  /** Some of the requests, with the events that were made of them. */
  part(requests: readonly OutgoingRequest[], isIn: readonly boolean[]): OutgoingRequest[] {
    const made = this.make(requests);
    const some = requests.filter((_one, place) => isIn[place]);
    this.#made.set(
      some,
      made.filter((_one, place) => isIn[place]),
    );
    return some;
  }

  #event(request: OutgoingRequest, now: number): NewDelivery | undefined {
    const asked = eventOf(request);
    if (asked === undefined) return undefined;
    const { text, event } = asked;
    const place = this.#place(request);
    const { integration, endpoint, stored } = place;
    const entity = this.#reference(event.entity);
    return {
      runId: this.#origin.runId,
      identity: this.#identity(place, event),
      integration: integration.name,
      endpoint,
      orderKey: orderKeyOf(place, entity),
      entity: showReference(entity),
      messageType: showReference(this.#reference(event.messageType)),
      request: { ...stored, body: this.#reference(text) },
      recordedAt: now,
    };
  }

  #place(request: OutgoingRequest): Place {
    const last = this.#last;
    const secrets = this.#masker.additions;
    if (last?.secrets === secrets && goesAlike(last.asked, request)) return last;
    const { deliverTo } = this.#origin;
    const integration = integrationOf(request.integration);
    const url = deliverTo === undefined ? request.url : redirectTo(deliverTo, request.url);
    for (const secret of integration.secretsOf(url)) this.#masker.hide(secret);
    const stored = this.#stored(request);
    // A URL that is a secret shows no host: its host goes before it, as an origin of `redirect` does.
    const hidden = /^[a-z][a-z0-9+.-]*:\/\/[^/$]+/i.test(stored.url)
      ? undefined
      : `//${hostOf(url)}`;
    const before = stored.redirect ?? (hidden === undefined ? [] : this.#reference(hidden));
    const endpoint = [before, stored.url].flat().join(" ");
    const host = this.#reference(hostOf(url));
    const opening = JSON.stringify([this.#origin.runId, endpoint]).replace(/\]$/u, ",");
    const counts = this.#countsOf(opening);
    const place = { asked: request, secrets, integration, stored, endpoint, host, opening, counts };
    return (this.#last = { ...place, orderKeys: new Map() });
  }

  #stored(request: OutgoingRequest): Omit<StoredRequest, "body"> {
    const headers = Object.entries(request.headers).map(([name, value]) => [
      name,
      toReference(value, this.#masker.handedOut, "header"),
    ]);
    const stored = {
      method: request.method.toUpperCase(),
      url: toReference(request.url, this.#masker.handedOut, "url"),
      headers: Object.fromEntries(headers),
    };
    const redirect = this.#origin.deliverTo;
    return redirect === undefined ? stored : { ...stored, redirect };
  }

  #reference(text: string): string {
    return toReference(text, this.#masker.handedOut);
  }

  /** The n-th equal event of a run is another one than the first. */
  #identity({ opening, counts }: Place, event: EventWords): string {
    if (this.#origin.once === true) return `${this.#origin.runId} ${(this.#count += 1)}`;
    const said = this.#reference(event.said);
    const count = (counts.get(said) ?? 0) + 1;
    counts.set(said, count);
    return `${opening}${JSON.stringify(said)}] ${count}`;
  }
  #countsOf(opening: string): Map<string, number> {
    let counts = this.#counts.get(opening);
    if (counts === undefined) this.#counts.set(opening, (counts = new Map()));
    return counts;
  }
}

function orderKeyOf({ host, orderKeys }: Place, entity: string): string {
  if (entity === "") return "";
  let key = orderKeys.get(entity);
  if (key === undefined) orderKeys.set(entity, (key = `${host} ${entity}`));
  return key;
}

function goesAlike(one: OutgoingRequest, other: OutgoingRequest): boolean {
  if (one.url !== other.url || one.method !== other.method) return false;
  if (one.integration !== other.integration) return false;
  if (one.headers === other.headers) return true;
  const names = Object.keys(one.headers);
  if (names.length !== Object.keys(other.headers).length) return false;
  return names.every((name) => one.headers[name] === other.headers[name]);
}
