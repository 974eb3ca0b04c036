import { onCallAddress, restVersion } from "@tocsin/alerting/oncall";
import type { Delivery, NewDelivery } from "./delivery.ts";
import { hostOfEndpoint } from "./rate.ts";
import type { Observer } from "./observer.ts";
import type { Recorded } from "./store.ts";

/** A batch of events on its way into the outbox, as a system of traces sees it. */
export interface Recording {
  /**
   * Its place in a trace (W3C `traceparent`). It is stored with each event, so that attempts of later
   * processes can point back to the run. Undefined: nobody keeps this trace.
   */
  readonly traceparent: string | undefined;
  /** Call when it is over. `recorded` is undefined when the outbox failed. */
  end(recorded?: Recorded): void;
}

/** Follows events through a system of traces. As an observer it sees the attempts. */
export interface Tracing extends Observer {
  /** Call before events are recorded. */
  recording(events: readonly NewDelivery[]): Recording;
}

/** What is said of a piece of work: never an entity, an address or a key. */
export type Facts = Readonly<Record<string, string | number>>;

/** A piece of work that may have a span of its own, such as a run. It follows the work's deliveries. */
export interface Work extends Tracing {
  /** Something more is known of it. */
  note(facts: Facts): void;
  /** Call when it is over. `error`: a short word for why it did not go well. */
  end(error?: string): void;
}

/** What may be said of where a delivery goes: no part of it is a secret. */
export interface Destination {
  /** Undefined: the host is a secret. */
  readonly host?: string;
  readonly port?: number;
  /** The path with names for its secrets. Undefined: it is not the service's own path. */
  readonly template?: string;
}

const schemePorts: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** Reads it from an endpoint's key and the stored request, in which secrets are references. */
export function destinationOf({
  endpoint,
  request,
}: Pick<Delivery, "endpoint" | "request">): Destination {
  const [, host = "", given] = /^(.*?)(?::(\d+))?$/u.exec(hostOfEndpoint(endpoint)) ?? [];
  const address = request.redirect ?? request.url;
  const scheme = /^([a-z][a-z0-9+.-]*):/iu.exec(address)?.[1].toLowerCase() ?? "";
  const port = given === undefined ? schemePorts[scheme] : Number(given);
  const template =
    onCallAddress(request.url) === undefined
      ? undefined
      : `/integrations/generic/${restVersion}/alert/{key}/{routing_key}`;
  return {
    ...(host === "" || host.includes("$") ? {} : { host: host.replace(/^\[(.*)\]$/u, "$1") }),
    ...(host === "" || port === undefined ? {} : { port }),
    ...(template === undefined ? {} : { template }),
  };
}
