import { keysOf, toReference } from "@tocsin/alerting/delivery";
import {
  type Masker,
  OnCall,
  deadEnd,
  onCallAddress,
  type Outcome,
  parseEvent,
  type RecordedRequest,
} from "@tocsin/alerting/oncall";
import type { Secrets } from "@tocsin/platform/host";
import type { Streams } from "./command.ts";
import { curlCommand } from "./curl.ts";
import type { OutputFormat } from "./results.ts";

/** A request of a dry run, and what would become of it. */
interface Foreseen extends RecordedRequest {
  /** The entity and message type of an event, as the script gives them. */
  readonly entity: string | undefined;
  readonly messageType: string | undefined;
  /** What On-Call would do; `direct` for a request that is not an event. */
  readonly outcome: Outcome | "direct";
  readonly effect: string;
  /** Why nobody would be paged; undefined: somebody would. */
  readonly unpaged: string | undefined;
  readonly notes: readonly string[];
  /** Keys of missing secrets, which are replaced by placeholders. */
  readonly placeholders: readonly string[];
}

/** How a dry run is shown. */
interface DryRunSettings {
  readonly streams: Streams;
  readonly masker: Masker;
  readonly format: OutputFormat;
  readonly deliverTo: string | undefined;
}

/**
 * What scripts would send, in order, and what On-Call would do with it. All scripts of a command share one model of
 * On-Call, because incidents outlive a script.
 */
export class DryRun {
  readonly #settings: DryRunSettings;
  readonly #missing = new Set<string>();
  readonly #foreseen: Foreseen[] = [];
  readonly #oncall: OnCall;

  constructor(settings: DryRunSettings) {
    this.#settings = settings;
    let unnamed = 0;
    this.#oncall = new OnCall(() => `random-${++unnamed}`);
  }
  /** Whether it is shown as text, together with what explains it. */
  get speaks(): boolean {
    const { format } = this.#settings;
    return format === "table" || format === "csv";
  }
  /** Secrets of which a missing one is replaced by a placeholder. */
  secrets(real: Secrets): Secrets {
    return {
      get: async (key) => {
        const value = await real.get(key);
        if (value !== undefined || key === "") return value;
        this.#missing.add(key);
        return `placeholder-of-${key}`;
      },
    };
  }
  /** Shows what one script would send. `now`: nanoseconds; `silence`: why it sends nothing. */
  show(requests: readonly RecordedRequest[], now: bigint, silence: readonly string[]): void {
    const { format } = this.#settings;
    const seen = requests.map((one) => this.#foresee(one, Number(now / 1_000_000n)));
    for (const one of seen) this.#foreseen.push(one);
    if (format === "none" || format === "json") return;
    if (format === "ndjson") this.#write(seen.map((one) => `${this.#asJson(one)}\n`).join(""));
    else if (format === "curl") this.#writeCurl(seen);
    else
      this.#write(
        `${[...seen.map((one) => this.#asText(one)), ...summary(seen, silence)].join("\n")}\n`,
      );
  }
  /** Call it after the last script: JSON is one array for all of them. */
  end(): void {
    if (this.#settings.format !== "json") return;
    this.#write(`[${this.#foreseen.map((one) => `\n  ${this.#asJson(one)}`).join(",")}\n]\n`);
  }

  #foresee(recorded: RecordedRequest, at: number): Foreseen {
    const { masker } = this.#settings;
    const { request, body } = recorded;
    const used = [
      ...keysOf(toReference(request.url, masker.secrets, "url")),
      ...keysOf(toReference(body, masker.secrets)),
    ];
    const placeholders = [...this.#missing].filter((key) => used.includes(key));
    const event = recorded.kind === "event" ? parseEvent(body) : undefined;
    if (event === undefined) {
      const effect = "is sent once: it is not an event, so it is neither kept nor retried";
      const nothing = { entity: undefined, messageType: undefined, unpaged: undefined, notes: [] };
      return { ...recorded, ...nothing, outcome: "direct", effect, placeholders };
    }
    const routingKey = onCallAddress(request.url)?.routingKey ?? "";
    const received = this.#oncall.receive(body, routingKey, at);
    const { outcome, effect, unpaged } = received;
    const lost = this.#settings.deliverTo === undefined ? deadEnd(request.url) : undefined;
    const notes = lost === undefined ? received.notes : [lost, ...received.notes];
    const { entity, messageType } = event;
    return { ...recorded, entity, messageType, outcome, effect, unpaged, notes, placeholders };
  }
  #asJson(one: Foreseen): string {
    const { request, body, kind, entity, messageType, outcome, effect, unpaged, notes } = one;
    const { deliverTo } = this.#settings;
    return JSON.stringify({
      method: request.method,
      url: request.url,
      headers: request.headers,
      body,
      kind,
      ...(deliverTo === undefined ? {} : { deliverTo }),
      ...(entity === undefined ? {} : { entity, messageType, pages: unpaged === undefined }),
      outcome,
      effect,
      ...(unpaged === undefined ? {} : { unpaged }),
      notes,
      placeholders: one.placeholders,
    });
  }
  #asText(one: Foreseen): string {
    const { request, body } = one;
    const { deliverTo } = this.#settings;
    const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
    const more = [
      ...(one.unpaged === undefined || one.effect.includes(one.unpaged)
        ? []
        : [`nobody is paged: ${one.unpaged}`]),
      ...one.notes,
      ...one.placeholders.map((key) => `the secret ${key} is missing: a placeholder replaces it`),
    ];
    return [
      `${request.method} ${request.url}`,
      ...(deliverTo === undefined ? [] : [`(delivered to ${deliverTo})`]),
      ...headers,
      "",
      body,
      "",
      `→ ${one.effect}`,
      ...more.map((line) => `  ${line}`),
      "",
    ].join("\n");
  }
  /** The command itself is not masked: it holds variables in place of secrets, and its address would be hidden as a whole. */
  #writeCurl(seen: readonly Foreseen[]): void {
    const { streams, masker, deliverTo } = this.#settings;
    const { secrets } = masker;
    for (const one of seen) {
      const entity = one.entity === undefined ? "" : `${one.messageType} ${one.entity}: `;
      const told = masker.mask(`${entity}${one.effect}`).replace(/\p{Cc}/gu, " ");
      streams.out.write(`# ${told}\n${curlCommand(one, { secrets, deliverTo })}\n`);
    }
  }
  #write(text: string): void {
    this.#settings.streams.out.write(this.#settings.masker.mask(text));
  }
}

/** What requests do, for one of them and for several. */
const words: Readonly<Record<Foreseen["outcome"], readonly [string, string]>> = {
  opens: ["opens an incident", "open an incident"],
  "pages-again": ["pages again", "page again"],
  "rolls-up": ["rolls up", "roll up"],
  acknowledges: ["acknowledges", "acknowledge"],
  resolves: ["resolves", "resolve"],
  timeline: ["timeline only", "timeline only"],
  nothing: ["concerns no incident", "concern no incident"],
  refused: ["refused", "refused"],
  direct: ["no event", "no event"],
};

function summary(seen: readonly Foreseen[], silence: readonly string[]): string[] {
  const counts = new Map<Foreseen["outcome"], number>();
  for (const { outcome } of seen) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const parts = [...counts].map(
    ([outcome, count]) => `${count} ${words[outcome][count === 1 ? 0 : 1]}`,
  );
  const number = `${seen.length} ${seen.length === 1 ? "request" : "requests"}`;
  const line = `${number}, none sent (dry run)`;
  return [parts.length === 0 ? line : `${line}: ${parts.join(", ")}`, ...silence];
}
