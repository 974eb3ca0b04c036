/** The environment, of which the variables of OpenTelemetry's specification are read here. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where one kind of telemetry goes. */
export interface Destination {
  /** The complete address. Its path, and the headers, may contain a key. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol: "http/protobuf" | "http/json";
  readonly gzip: boolean;
  readonly timeoutMilliseconds: number;
}

/** What the environment asks for. Times in milliseconds. */
export interface Settings {
  /** Undefined: none are sent. */
  readonly traces: Destination | undefined;
  readonly metrics: Destination | undefined;
  /** Attributes of this process: its name, and what else was given. */
  readonly resource: Readonly<Record<string, string>>;
  readonly sampler: string;
  /** The share of traces that is kept, 0 to 1. */
  readonly ratio: number;
  readonly batchDelay: number;
  readonly queueSize: number;
  readonly batchSize: number;
  readonly metricInterval: number;
  readonly temporality: "cumulative" | "delta" | "lowmemory";
  /** What could not be understood, in words for people; without values, which may be secret. */
  readonly complaints: readonly string[];
}

type Kind = "TRACES" | "METRICS";

/** The longest time of a timer; more is as good as never. */
const mostMilliseconds = 2 ** 31 - 1;

/** Whether the environment asks for telemetry at all. Cheap, because nothing else of it is loaded before. */
export function asksForTelemetry(env: Environment): boolean {
  const { OTEL_SDK_DISABLED: disabled = "" } = env;
  if (disabled.trim().toLowerCase() === "true") return false;
  return asksFor(env, "TRACES") || asksFor(env, "METRICS");
}

/** One kind of telemetry is sent when its address, the address of all kinds, or its exporter is given. */
function asksFor(env: Environment, kind: Kind): boolean {
  const exporter = valueOf(env, `OTEL_${kind}_EXPORTER`);
  if (exporter === "none") return false;
  const address =
    valueOf(env, `OTEL_EXPORTER_OTLP_${kind}_ENDPOINT`) ??
    valueOf(env, "OTEL_EXPORTER_OTLP_ENDPOINT");
  return exporter === "otlp" || address !== undefined;
}

/** Reads the environment. What cannot be understood becomes a complaint and is left out: pages do not depend on it. */
export function settingsOf(env: Environment): Settings {
  const complaints: string[] = [];
  const reader = new Reader(env, complaints);
  return {
    traces: reader.destination("TRACES"),
    metrics: reader.destination("METRICS"),
    resource: reader.resource(),
    sampler: reader.sampler(),
    ratio: Math.min(1, reader.number("OTEL_TRACES_SAMPLER_ARG", 1)),
    batchDelay: reader.number("OTEL_BSP_SCHEDULE_DELAY", 5000),
    queueSize: Math.max(1, reader.number("OTEL_BSP_MAX_QUEUE_SIZE", 2048)),
    batchSize: Math.max(1, reader.number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512)),
    metricInterval: Math.max(100, reader.number("OTEL_METRIC_EXPORT_INTERVAL", 60_000)),
    temporality: reader.temporality(),
    complaints,
  };
}

class Reader {
  readonly #env: Environment;
  readonly #complaints: string[];

  constructor(env: Environment, complaints: string[]) {
    this.#env = env;
    this.#complaints = complaints;
  }

  destination(kind: Kind): Destination | undefined {
    if (!asksFor(this.#env, kind)) return undefined;
    const exporter = valueOf(this.#env, `OTEL_${kind}_EXPORTER`) ?? "otlp";
    if (exporter !== "otlp") {
      return this.#without(kind, `OTEL_${kind}_EXPORTER is otlp or none`);
    }
    const protocol = this.#of(kind, "PROTOCOL") ?? "http/protobuf";
    if (protocol !== "http/protobuf" && protocol !== "http/json") {
      const takes = "OTEL_EXPORTER_OTLP_PROTOCOL is http/protobuf or http/json";
      return this.#without(kind, takes);
    }
    const url = this.#address(kind);
    if (url === undefined) {
      return this.#without(kind, "the OTLP endpoint should begin with http:// or https://");
    }
    return {
      url,
      protocol,
      headers: {
        ...this.#pairs("OTEL_EXPORTER_OTLP_HEADERS"),
        ...this.#pairs(`OTEL_EXPORTER_OTLP_${kind}_HEADERS`),
      },
      gzip: this.#compresses(kind),
      timeoutMilliseconds: Math.max(
        1,
        this.#number("OTEL_EXPORTER_OTLP_TIMEOUT", this.#of(kind, "TIMEOUT"), 10_000),
      ),
    };
  }
  resource(): Record<string, string> {
    const name = valueOf(this.#env, "OTEL_SERVICE_NAME");
    return {
      "service.name": "tocsin",
      ...this.#pairs("OTEL_RESOURCE_ATTRIBUTES"),
      ...(name === undefined ? {} : { "service.name": name }),
    };
  }
  number(name: string, otherwise: number): number {
    return this.#number(name, valueOf(this.#env, name), otherwise);
  }
  sampler(): string {
    const name = "OTEL_TRACES_SAMPLER";
    const given = valueOf(this.#env, name);
    if (given !== undefined) {
      if (/^(?:parentbased_)?(?:always_on|always_off|traceidratio)$/u.test(given)) return given;
      const words = "always_on, always_off or traceidratio, also after parentbased_";
      this.#complaints.push(`${name} is ${words}`);
    }
    return "parentbased_always_on";
  }
  temporality(): Settings["temporality"] {
    const name = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
    const given = valueOf(this.#env, name)?.toLowerCase() ?? "cumulative";
    if (given === "cumulative" || given === "delta" || given === "lowmemory") return given;
    this.#complaints.push(`${name} is cumulative, delta or lowmemory`);
    return "cumulative";
  }

  /** An address for one kind is used as it is; to the address of all kinds the path of the kind is added. */
  #address(kind: Kind): string | undefined {
    const own = valueOf(this.#env, `OTEL_EXPORTER_OTLP_${kind}_ENDPOINT`);
    const base = valueOf(this.#env, "OTEL_EXPORTER_OTLP_ENDPOINT") ?? "http://localhost:4318";
    const given = own ?? base;
    if (!/^https?:\/\/./iu.test(given) || !URL.canParse(given)) return undefined;
    if (own !== undefined) return own;
    const url = new URL(base);
    url.pathname = `${url.pathname.replace(/\/+$/u, "")}/v1/${kind.toLowerCase()}`;
    return url.href;
  }
  #of(kind: Kind, what: string): string | undefined {
    return (
      valueOf(this.#env, `OTEL_EXPORTER_OTLP_${kind}_${what}`) ??
      valueOf(this.#env, `OTEL_EXPORTER_OTLP_${what}`)
    );
  }
  /** `key=value,key2=value2`, percent-encoded. A part that is not a pair makes all of it invalid, as specified. */
  #pairs(name: string): Record<string, string> {
    const given = valueOf(this.#env, name);
    if (given === undefined) return {};
    const parts = given.split(",").filter((one) => one.trim() !== "");
    try {
      return Object.fromEntries(parts.map(pairOf));
    } catch {
      this.#complaints.push(`${name} is not of the form key=value,key2=value2`);
      return {};
    }
  }
  #compresses(kind: Kind): boolean {
    const given = this.#of(kind, "COMPRESSION") ?? "none";
    if (given !== "gzip" && given !== "none")
      this.#complaints.push("OTEL_EXPORTER_OTLP_COMPRESSION is gzip or none");
    return given === "gzip";
  }
  #number(name: string, given: string | undefined, otherwise: number): number {
    if (given === undefined) return otherwise;
    const number = Number(given);
    if (number >= 0) return Math.min(number, mostMilliseconds);
    this.#complaints.push(`${name} is a number that is not negative`);
    return otherwise;
  }
  #without(kind: Kind, why: string): undefined {
    this.#complaints.push(`no ${kind.toLowerCase()} are sent: ${why}`);
    return undefined;
  }
}

function pairOf(part: string): [string, string] {
  const at = part.indexOf("=");
  const key = decodeURIComponent(part.slice(0, at).trim());
  if (at < 0 || key === "") throw new Error("not a pair");
  return [key, decodeURIComponent(part.slice(at + 1).trim())];
}

/** An empty variable is an unset one. */
function valueOf(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === undefined || value === "" ? undefined : value;
}
