import { type MessageType, messageTypes } from "@tocsin/alerting/oncall";
import { jsonString } from "@tocsin/data/value";
import { type Sending, sending } from "./sending.ts";
import type { WorldOptions } from "./world.ts";

export type { MessageType } from "@tocsin/alerting/oncall";
export type { Sending, Sent, SentRows, SentSummary } from "./sending.ts";

/** The part of `Temporal.Instant` that is used here. */
interface Instant {
  readonly epochNanoseconds: bigint;
}

/** One event, as `mapFn` makes it of a row. */
export interface OnCallEvent {
  readonly messageType: MessageType;
  /** The incident's identity: the same for the CRITICAL and its RECOVERY. */
  readonly entityID: string;
  readonly entityDisplayName: string;
  readonly stateMessage: string;
  /** When the entity entered its state. A bigint is nanoseconds since the epoch. */
  readonly timestamp: Date | Instant | bigint;
  /** Overrides the endpoint's. */
  readonly monitoringTool?: string;
}

/** The options of an endpoint, and the world that it sends in. */
export interface EndpointOptions extends WorldOptions {
  /** The URL of the REST endpoint, with the integration key and the routing key. It is never shown. */
  readonly url: string;
  /** Default: "InfluxDB", as in upstream. */
  readonly monitoringTool?: string;
}

/**
 * `victorops.endpoint()` for rows of your own: `endpoint(options)({ mapFn })(rows)` sends one event for each row, in
 * order within an entity, with the same outbox and retries as a script. A row that cannot be made into an event does
 * not hold back the others: it comes out with `_sent: "false"`.
 */
export function endpoint(options: EndpointOptions) {
  const url: unknown = options.url;
  if (typeof url !== "string" || url === "")
    throw new TypeError(`url should be the address of the REST integration, not ${shown(url)}`);
  return <Row extends object>(how: { readonly mapFn: (row: Row) => OnCallEvent }) =>
    (rows: Iterable<Row> | AsyncIterable<Row>): Sending<Row> => {
      if (!isIterable(rows))
        throw new TypeError(`rows should be an iterable or async iterable, not ${shown(rows)}`);
      return sending(
        rows,
        (row) => bodyOf(eventOf(how.mapFn, row), options.monitoringTool),
        options,
      );
    };
}

function isIterable(rows: unknown): boolean {
  return (
    typeof rows === "object" &&
    rows !== null &&
    (Symbol.iterator in rows || Symbol.asyncIterator in rows)
  );
}

/** What `mapFn` makes of a row. It is checked here, because the compiler checks only programs in TypeScript. */
function eventOf<Row>(mapFn: (row: Row) => OnCallEvent, row: Row): OnCallEvent {
  const event: unknown = mapFn(row);
  if (typeof event !== "object" || event === null)
    throw new TypeError(`mapFn should return an event, not ${String(event)}`);
  const fields: Partial<Record<string, unknown>> = { ...event };
  const type = fields["messageType"];
  if (!messageTypes.some((one) => one === type)) {
    // On-Call accepts any other word, files it as INFO and pages nobody.
    throw new TypeError(`messageType is one of ${messageTypes.join(", ")}, not ${shown(type)}`);
  }
  for (const name of ["entityID", "entityDisplayName", "stateMessage"] as const) {
    if (typeof fields[name] !== "string")
      throw new TypeError(`${name} should be a string, not ${shown(fields[name])}`);
  }
  const tool = fields["monitoringTool"];
  if (tool !== undefined && typeof tool !== "string")
    throw new TypeError(`monitoringTool should be a string, not ${shown(tool)}`);
  return event as OnCallEvent;
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** The body of an event, its keys in upstream's order. */
function bodyOf(event: OnCallEvent, monitoringTool = "InfluxDB"): string {
  const texts = {
    entity_display_name: event.entityDisplayName,
    entity_id: event.entityID,
    message_type: event.messageType,
    monitoring_tool: event.monitoringTool ?? monitoringTool,
    state_message: event.stateMessage,
  };
  const pairs = Object.entries(texts).map(([name, text]) => `"${name}":${jsonString(text)}`);
  return `{${pairs.join(",")},"state_start_time":${secondsOf(event.timestamp)}}`;
}

/** Whole seconds since the epoch, rounded down. */
function secondsOf(timestamp: unknown): bigint {
  const nanoseconds = nanosecondsOf(timestamp);
  if (nanoseconds === undefined)
    throw new TypeError(
      `timestamp should be a Date, a Temporal.Instant or a bigint of nanoseconds, not ${shown(timestamp)}`,
    );
  const seconds = nanoseconds / 1_000_000_000n;
  return nanoseconds % 1_000_000_000n < 0n ? seconds - 1n : seconds;
}

function nanosecondsOf(timestamp: unknown): bigint | undefined {
  if (typeof timestamp === "bigint") return timestamp;
  if (timestamp instanceof Date) {
    const milliseconds = timestamp.getTime();
    return Number.isNaN(milliseconds) ? undefined : BigInt(milliseconds) * 1_000_000n;
  }
  if (typeof timestamp !== "object" || timestamp === null) return undefined;
  const { epochNanoseconds } = timestamp as Partial<Instant>;
  return typeof epochNanoseconds === "bigint" ? epochNanoseconds : undefined;
}
