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

/** A request of a dry run, and what would have become of it. */
interface Foreseen extends RecordedRequest {
  /** Of an event: the entity and the word, as the script made them. */
  readonly entity: string | undefined;
  readonly messageType: string | undefined;
  /** What On-Call would do; `direct` for a request that is no event. */
  readonly outcome: Outcome | "direct";
  readonly effect: string;
  /** Why nobody would be paged; undefined: somebody would. */
  readonly unpaged: string | undefined;
  readonly notes: readonly string[];
  /** Keys of secrets that are missing, for which a placeholder stands. */
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
 * What scripts would have sent, in order, and what On-Call would do with it: one model of On-Call for
 * all scripts of a command, as incidents outlive a script.
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
  /** Whether it is shown as text, so that what explains it stands beside it. */
  get speaks(): boolean {
    const { format } = this.#settings;
    return format === "table" || format === "csv";
  }
  /** Secrets that are never missing: a placeholder stands for one that is not there. */
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
  /** Shows what one script would have sent. `now`: nanoseconds; `silence`: why it sends nothing. */
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
  /** Ends the answer: JSON is one array for all scripts. */
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
      const effect = "is sent once: no event, so it is not kept and not sent again";
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
      ...one.placeholders.map((key) => `the secret ${key} is missing: a placeholder stands for it`),
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
  /** The address is made of variables already, and would be hidden whole. */
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

const words: Readonly<Record<Foreseen["outcome"], string>> = {
  opens: "open an incident",
  "pages-again": "page again",
  "rolls-up": "roll up",
  acknowledges: "acknowledge",
  resolves: "resolve",
  timeline: "timeline only",
  nothing: "concern no incident",
  refused: "refused",
  direct: "no event",
};

function summary(seen: readonly Foreseen[], silence: readonly string[]): string[] {
  const counts = new Map<Foreseen["outcome"], number>();
  for (const { outcome } of seen) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const parts = [...counts].map(([outcome, count]) => `${count} ${words[outcome]}`);
  const number = `${seen.length} ${seen.length === 1 ? "request" : "requests"}`;
  const line = `${number}, none sent (dry run)`;
  return [parts.length === 0 ? line : `${line}: ${parts.join(", ")}`, ...silence];
}
