import { Masker, type OutgoingRequest, type Settlement } from "@tocsin/alerting/oncall";
import {
  type Delivery,
  MemoryOutbox,
  type OutboxStore,
  type RunDeliveries,
  runDeliveries,
  type RunOptions,
  Sender,
  type SenderOptions,
} from "@tocsin/alerting/delivery";
import {
  HttpError,
  type HttpFailure,
  type HttpRequest,
  type HttpResponse,
  memorySecrets,
  scriptedHttp,
  seeded,
  SimulatedClock,
  utf8,
} from "@tocsin/platform/host";

export const url = "https://alert.victorops.com/integrations/generic/20131114/alert/KEY-123456/ops";

/** "200", "503", `200 {"result":"failure"}`, "429 retry-after=7", "timeout", "hang". */
type Script = (body: Record<string, unknown>, nth: number) => string;

interface Sent {
  readonly at: number;
  readonly url: string;
  readonly body: string;
  readonly entity: string;
  readonly type: string;
}

/** A world in which time is moved by hand and On-Call answers from a script. */
export class World {
  readonly clock: SimulatedClock;
  readonly sent: Sent[] = [];
  readonly secrets: Record<string, string> = {};
  readonly masker = new Masker();
  inFlight = 0;
  mostInFlight = 0;
  store: OutboxStore & { crash?(): OutboxStore };
  sender: Sender;
  #options: Partial<SenderOptions>;
  script: Script;

  constructor(script: Script = () => "200", options: Partial<SenderOptions> = {}) {
    this.clock = new SimulatedClock();
    this.script = script;
    this.#options = options;
    this.store = options.store ?? new MemoryOutbox();
    this.sender = this.#sender();
  }
  #sender(): Sender {
    return new Sender({
      clock: this.clock,
      random: seeded(7),
      http: scriptedHttp((request) => this.#answer(request)),
      secrets: memorySecrets(this.secrets),
      masker: this.masker,
      rateOf: () => undefined,
      ...this.#options,
      store: this.store,
    });
  }
  async start(): Promise<this> {
    await this.sender.start();
    return this;
  }
  /** The process dies at once; a new one starts on the same store. */
  async restart(options: Partial<SenderOptions> = {}): Promise<void> {
    if (this.store instanceof MemoryOutbox) this.store = new MemoryOutbox(this.store);
    this.inFlight = 0;
    Object.assign(this.#options, options);
    this.sender = this.#sender();
    await this.sender.start();
    await this.idle();
  }
  run(options: Partial<RunOptions> = {}): RunDeliveries {
    const http = scriptedHttp((request) => this.#answer(request));
    return runDeliveries(this.sender, { runId: "run", http, wait: 30_000, ...options });
  }
  /** Records events, one word each: "CRITICAL:db". */
  async page(run: RunDeliveries, words: string): Promise<Watched[]> {
    const handles = await run.deliver(words.split(" ").map((word) => request(word)));
    return handles.map((handle) => new Watched(handle.settled));
  }
  async idle(): Promise<void> {
    for (let turn = 0; turn < 500; turn++) await Promise.resolve();
  }
  async states(): Promise<string> {
    const all = await this.store.list({});
    return all.map((one: Delivery) => `${one.messageType}:${one.entity}=${one.state}`).join(" ");
  }
  get entities(): string {
    return this.sent.map((one) => `${one.type}:${one.entity}`).join(" ");
  }

  async #answer(asked: HttpRequest): Promise<HttpResponse> {
    const text = utf8.decode(asked.body ?? new Uint8Array(0));
    const body: Record<string, unknown> = text === "" ? {} : JSON.parse(text);
    const entity = String(body["entity_id"] ?? "");
    const type = String(body["message_type"] ?? "");
    this.sent.push({ at: this.clock.monotonic(), url: asked.url, body: text, entity, type });
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      return await this.#play(this.script(body, this.sent.length), asked.timeoutMilliseconds);
    } finally {
      this.inFlight -= 1;
    }
  }
  async #play(line: string, timeout: number): Promise<HttpResponse> {
    const [, word, header, body] = /^(\S+)(?: retry-after=([^{]+))?(?: (.*))?$/s.exec(line) ?? [];
    if (word === "hang") {
      await this.clock.sleep(timeout);
      throw new HttpError("timeout", `no answer within ${timeout / 1000} s`, true);
    }
    const delay = /^(\d+)ms$/.exec(word);
    if (delay !== null) await this.clock.sleep(Number(delay[1]));
    if (delay === null && !/^\d+$/.test(word)) {
      const maybe = word !== "refused" && word !== "no-such-host" && word !== "dns";
      throw new HttpError(word as HttpFailure, `the network says ${word}`, maybe);
    }
    const headers: Record<string, string> = header === undefined ? {} : { "retry-after": header };
    return { status: delay === null ? Number(word) : 200, headers, body: utf8.encode(body ?? "") };
  }
}

/** A settlement that can be looked at before it is there. */
export class Watched {
  settlement: Settlement | undefined;
  constructor(settled: Promise<Settlement>) {
    void settled.then((one) => (this.settlement = one));
  }
  get state(): string {
    return this.settlement?.state ?? "pending";
  }
}

/** "CRITICAL:db" as On-Call's request; "CRITICAL:db:text" has a message. */
export function request(word: string, to = url): OutgoingRequest {
  const [type, entity, message = ""] = word.split(":");
  const body = JSON.stringify({
    entity_display_name: entity,
    entity_id: entity,
    message_type: type,
    monitoring_tool: "InfluxDB",
    state_message: message,
    state_start_time: 1_700_000_000,
  });
  const headers = { "Content-Type": "application/json" };
  return { method: "POST", url: to, headers, body, integration: "victorops" };
}
