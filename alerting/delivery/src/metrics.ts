import { effectiveType } from "@tocsin/alerting/oncall";
import { wallMilliseconds } from "./attempt.ts";
import type { Attempt } from "./attempt.ts";
import type { Delivery } from "./delivery.ts";
import { integrationOf } from "./integrations/index.ts";
import type { Observer } from "./observer.ts";
import type { Sender } from "./sender.ts";
import type { Recorded } from "./store.ts";

/** Upper ends of the histograms' buckets, in seconds. */
const durations = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10];
const syncs = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];
const latencies = [0.1, 1, 5, 30, 60, 300, 900, 3600, 21_600, 86_400];

const helps: Readonly<Record<string, readonly [kind: string, help: string]>> = {
  tocsin_outbox_events: ["gauge", "Events that are not settled."],
  tocsin_outbox_oldest_event_age_seconds: ["gauge", "Age of the oldest event that is not settled."],
  tocsin_outbox_blocked_entities: [
    "gauge",
    "Entities whose next event waits after an attempt that failed.",
  ],
  tocsin_outbox_enqueued_events_total: ["counter", "Events that were recorded."],
  tocsin_outbox_deduplicated_events_total: ["counter", "Events that were recorded before."],
  tocsin_delivery_attempts_total: ["counter", "Attempts, by what they came to."],
  tocsin_delivery_attempt_duration_seconds: ["histogram", "How long attempts took."],
  tocsin_delivery_latency_seconds: ["histogram", "From recording to acceptance."],
  tocsin_delivery_late_events_total: ["counter", "Pages that were accepted late."],
  tocsin_delivery_repeats_total: ["counter", "Requests that may have arrived before, and why."],
  tocsin_delivery_throttled_seconds_total: [
    "counter",
    "How long events waited for the rate of their host.",
  ],
  tocsin_store_sync_duration_seconds: [
    "histogram",
    "How long the disk took to keep what was written.",
  ],
  tocsin_store_errors_total: ["counter", "Transactions and syncs of the outbox that failed."],
  tocsin_endpoint_state: ["gauge", "1 for the state in which an endpoint is."],
  tocsin_heartbeat_last_success_timestamp_seconds: [
    "gauge",
    "When the watcher last answered well.",
  ],
  tocsin_script_last_success_timestamp_seconds: ["gauge", "When a script last ended well."],
  tocsin_build_info: ["gauge", "The version that wrote this."],
};

/** Counters that are kept in milliseconds and told in seconds. */
const inMilliseconds = /_sum$|_seconds_total$/;

/** What only the caller knows. */
export interface MetricsContext {
  readonly version: string;
  /** When the watcher last answered well, milliseconds. */
  readonly heartbeat?: number | undefined;
  /** Names of scripts that ended well, and when (milliseconds). */
  readonly scripts?: ReadonlyMap<string, number>;
}

/**
 * Counts what a sender does, for Prometheus. Counters outlive processes: they are kept in the store.
 * Labels are the integration's name, message types, reasons and states; never an entity, a URL or a key.
 */
export class DeliveryMetrics implements Observer {
  readonly #sender: Sender;
  readonly #lateAfter: number;
  #counts = new Map<string, number>();
  /** Since when a host's rate makes events wait, as far as it is not counted yet (monotonic). */
  #throttledSince: number | undefined;

  /** Pages that wait for longer than `lateAfter` (milliseconds) count as late. */
  constructor(sender: Sender, lateAfter: number) {
    this.#sender = sender;
    this.#lateAfter = lateAfter;
    sender.store.observe?.({
      synced: (milliseconds) =>
        this.#observe("tocsin_store_sync_duration_seconds", {}, [syncs, milliseconds]),
      failed: (operation) => this.#add("tocsin_store_errors_total", { operation }),
    });
  }

  stepped(): number {
    const now = this.#sender.clock.monotonic();
    if (this.#throttledSince !== undefined) {
      const labels = { endpoint: integrationOf(undefined).name };
      this.#add("tocsin_delivery_throttled_seconds_total", labels, now - this.#throttledSince);
    }
    this.#throttledSince = this.#sender.queueTime === undefined ? undefined : now;
    return Infinity;
  }

  recorded({ deliveries, known }: Recorded): void {
    for (const { id, integration, messageType } of deliveries) {
      if (known.has(id))
        this.#add("tocsin_outbox_deduplicated_events_total", { endpoint: integration });
      else {
        const labels = { endpoint: integration, message_type: effectiveType(messageType) };
        this.#add("tocsin_outbox_enqueued_events_total", labels);
      }
    }
  }

  attempted(before: Delivery, after: Delivery, { verdict, milliseconds }: Attempt): void {
    const endpoint = before.integration;
    const reason = verdict.kind === "accepted" ? "accepted" : verdict.reason;
    this.#add("tocsin_delivery_attempts_total", { endpoint, outcome: verdict.kind, reason });
    this.#observe("tocsin_delivery_attempt_duration_seconds", { endpoint }, [
      durations,
      milliseconds,
    ]);
    if (before.inDoubt)
      this.#add("tocsin_delivery_repeats_total", { endpoint, reason: "in-doubt" });
    if (after.state !== "accepted") return;
    const message_type = effectiveType(before.messageType);
    const waited = Math.max(0, wallMilliseconds(this.#sender.clock) - before.recordedAt);
    const labels = { endpoint, message_type };
    this.#observe("tocsin_delivery_latency_seconds", labels, [latencies, waited]);
    const page = message_type === "CRITICAL" || message_type === "RECOVERY";
    if (page && waited > this.#lateAfter)
      this.#add("tocsin_delivery_late_events_total", { endpoint });
  }

  /** The text that node_exporter and Prometheus read. Stores the counters. */
  async render({ version, heartbeat, scripts }: MetricsContext): Promise<string> {
    this.stepped();
    const counts = this.#counts;
    this.#counts = new Map();
    const { store, clock } = this.#sender;
    const lines = new Map<string, string[]>();
    const say = (name: string, labels: Labels, value: number, of = name): void => {
      const said = lines.get(of) ?? [];
      said.push(`${series(name, labels)} ${value}`);
      lines.set(of, said);
    };
    const now = wallMilliseconds(clock);
    const oldest = new Map<string, number>();
    for (const row of await store.census()) {
      const { integration: endpoint, state, count, oldest: since, entities } = row;
      say("tocsin_outbox_events", { endpoint, state }, count);
      if (state === "waiting") say("tocsin_outbox_blocked_entities", { endpoint }, entities);
      oldest.set(endpoint, Math.min(oldest.get(endpoint) ?? since, since));
    }
    for (const [endpoint, since] of oldest) {
      const age = Math.max(0, now - since) / 1000;
      say("tocsin_outbox_oldest_event_age_seconds", { endpoint }, age);
    }
    await this.#sayEndpoints(say);
    for (const [text, value] of await store.count(counts)) {
      const name = text.replace(/\{.*/s, "");
      const family = name.replace(/_(bucket|sum|count)$/, "");
      const of = Object.hasOwn(helps, name) ? name : family;
      const said = lines.get(of) ?? [];
      said.push(`${text} ${inMilliseconds.test(name) ? Number((value / 1000).toFixed(6)) : value}`);
      lines.set(of, said);
    }
    if (heartbeat !== undefined) {
      say("tocsin_heartbeat_last_success_timestamp_seconds", {}, heartbeat / 1000);
    }
    for (const [script, at] of scripts ?? []) {
      say("tocsin_script_last_success_timestamp_seconds", { script }, at / 1000);
    }
    say("tocsin_build_info", { version }, 1);
    return text(lines);
  }

  async #sayEndpoints(say: Say): Promise<void> {
    const shown = { open: "closed", blocked: "open", probing: "half_open" } as const;
    const found = (await this.#sender.store.endpoints()).filter(
      ({ key }) => !key.startsWith("rate "),
    );
    if (found.length === 0) return;
    // By the integration whose addresses are known: an address holds a key.
    const endpoint = integrationOf(undefined).name;
    const worst = found.find(({ state }) => state !== "open")?.state ?? "open";
    for (const [state, word] of Object.entries(shown)) {
      const labels = { endpoint, state: word };
      say("tocsin_endpoint_state", labels, state === worst ? 1 : 0);
    }
  }

  #add(name: string, labels: Labels, by = 1): void {
    const key = series(name, labels);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + by);
  }
  #observe(name: string, labels: Labels, [ends, milliseconds]: [readonly number[], number]): void {
    for (const end of ends) {
      const within = milliseconds <= end * 1000 ? 1 : 0;
      this.#add(`${name}_bucket`, { ...labels, le: String(end) }, within);
    }
    this.#add(`${name}_bucket`, { ...labels, le: "+Inf" });
    this.#add(`${name}_sum`, labels, milliseconds);
    this.#add(`${name}_count`, labels);
  }
}

type Labels = Readonly<Record<string, string>>;
type Say = (name: string, labels: Labels, value: number) => void;

function series(name: string, labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}

function text(lines: ReadonlyMap<string, readonly string[]>): string {
  const families = Object.entries(helps).flatMap(([name, [kind, help]]) => {
    const said = lines.get(name) ?? [];
    return said.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...said];
  });
  return `${families.join("\n")}\n`;
}
