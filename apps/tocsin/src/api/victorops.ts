import type { Settlement } from "@tocsin/alerting/oncall";
import { jsonString } from "@tocsin/data/value";
import { openWorld, type WorldOptions } from "./world.ts";

/** What On-Call acts on. Any other word would be accepted and page nobody. */
export type MessageType = "CRITICAL" | "WARNING" | "ACKNOWLEDGEMENT" | "INFO" | "RECOVERY";

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
  /** Wins over the endpoint's. */
  readonly monitoringTool?: string;
}

/** A row with what became of its event. */
export type Sent<Row> = Row & {
  /** Whether On-Call accepted it. */
  readonly _sent: "true" | "false";
  /** The last HTTP status; "" when no answer came. */
  readonly _status: string;
};

/** Counts of a sending. */
export interface SentSummary {
  readonly accepted: number;
  readonly waiting: number;
  readonly refused: number;
}

/** Rows on their way: await it for all of them, or iterate over them in order. */
export interface Sending<Row> extends AsyncIterable<Sent<Row>>, PromiseLike<readonly Sent<Row>[]> {
  readonly summary: Promise<SentSummary>;
}

/** The endpoint's options, and the world that it sends in. */
export interface EndpointOptions extends WorldOptions {
  /** The REST endpoint's URL, integration key and routing key included. It is never shown. */
  readonly url: string;
  /** Default "InfluxDB", as upstream's. */
  readonly monitoringTool?: string;
}

/**
 * `victorops.endpoint()` for rows that never were Flux: `endpoint(options)({ mapFn })(rows)` sends one
 * event a row, in order within an entity, with the same outbox and retries as a script's.
 */
export function endpoint(options: EndpointOptions) {
  return <Row extends object>(how: { readonly mapFn: (row: Row) => OnCallEvent }) =>
    (rows: Iterable<Row> | AsyncIterable<Row>): Sending<Row> => {
      const all = sendAll(rows, how.mapFn, options);
      const sent = all.then((one) => one.rows);
      sent.catch(() => undefined);
      return {
        summary: all.then((one) => one.summary),
        // oxlint-disable-next-line unicorn/no-thenable -- `await page(rows)` is the documented form
        then: (resolve, reject) => sent.then(resolve, reject),
        async *[Symbol.asyncIterator]() {
          yield* await sent;
        },
      };
    };
}

async function sendAll<Row extends object>(
  rows: Iterable<Row> | AsyncIterable<Row>,
  mapFn: (row: Row) => OnCallEvent,
  options: EndpointOptions,
): Promise<{ rows: readonly Sent<Row>[]; summary: SentSummary }> {
  const world = await openWorld(options);
  try {
    const pending: { row: Row; settled: Promise<Settlement> }[] = [];
    for await (const row of rows) {
      const [dispatch] = await world.deliveries.deliver([
        {
          method: "POST",
          url: options.url,
          headers: { "Content-Type": "application/json" },
          body: bodyOf(mapFn(row), options.monitoringTool ?? "InfluxDB"),
          integration: "victorops",
        },
      ]);
      pending.push({ row, settled: dispatch.settled });
    }
    const settlements = await Promise.all(pending.map((one) => one.settled));
    const { deliveries } = await world.deliveries.finish();
    const count = (...states: string[]): number =>
      deliveries.filter(({ state }) => states.includes(state)).length;
    const accepted = count("accepted");
    const refused = count("refused");
    const sent = pending.map(({ row }, i): Sent<Row> => {
      const { state, status } = settlements[i];
      return { ...row, _sent: state === "accepted" ? "true" : "false", _status: status };
    });
    return {
      rows: sent,
      summary: { accepted, refused, waiting: deliveries.length - accepted - refused },
    };
  } finally {
    await world.close();
  }
}

/** Keys in the order in which upstream sends them. */
function bodyOf(event: OnCallEvent, monitoringTool: string): string {
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

function secondsOf(timestamp: OnCallEvent["timestamp"]): bigint {
  if (timestamp instanceof Date) return BigInt(Math.floor(timestamp.getTime() / 1000));
  const nanoseconds = typeof timestamp === "bigint" ? timestamp : timestamp.epochNanoseconds;
  return nanoseconds / 1_000_000_000n;
}
