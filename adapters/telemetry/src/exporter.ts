import { gzipSync } from "node:zlib";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { ISerializer } from "@opentelemetry/otlp-transformer";
import { type Http, HttpError, type Signal } from "@tocsin/platform/host";
import type { Destination } from "./environment.ts";

/** The answer of a collector. */
interface Answer {
  readonly partialSuccess?: object;
}

/** What an exporter works with. */
export interface ExporterWorld {
  readonly http: Http;
  /** Aborts what is under way. */
  readonly stop: Signal;
  /** Learns why an export failed, in words for people without secrets; undefined: it did not fail. */
  report(where: string, why: string | undefined): void;
}

/**
 * Exports spans or metrics to a collector (OTLP over HTTP). There is one attempt for each batch: what a collector
 * does not take is lost, because telemetry must never pile up in a process that sends pages.
 */
export class OtlpExporter<Data> {
  readonly #serializer: ISerializer<Data, Answer>;
  readonly #destination: Destination;
  readonly #world: ExporterWorld;
  readonly #underway = new Set<Promise<void>>();

  constructor(serializer: ISerializer<Data, Answer>, to: Destination, world: ExporterWorld) {
    this.#serializer = serializer;
    this.#destination = to;
    this.#world = world;
  }

  /** Sends it; `done` gets the outcome. */
  export(data: Data, done: (result: ExportResult) => void): void {
    const sent = this.#send(data).then(
      (why) => {
        this.#world.report(this.#where, why);
        const code = why === undefined ? ExportResultCode.SUCCESS : ExportResultCode.FAILED;
        done({ code });
      },
      () => done({ code: ExportResultCode.FAILED }),
    );
    this.#underway.add(sent);
    void sent.finally(() => this.#underway.delete(sent));
  }
  /** Resolves when nothing is under way any more. */
  async forceFlush(): Promise<void> {
    await Promise.all(this.#underway);
  }
  async shutdown(): Promise<void> {
    await this.forceFlush();
  }

  /** Resolves with the reason why it was not taken; undefined: it was. */
  async #send(data: Data): Promise<string | undefined> {
    const plain = this.#serializer.serializeRequest(data);
    if (plain === undefined) return undefined;
    const { url, headers, protocol, gzip, timeoutMilliseconds } = this.#destination;
    const json = protocol === "http/json";
    const request = {
      method: "POST",
      url,
      headers: {
        "User-Agent": "Tocsin-OTLP-Exporter",
        ...headers,
        "Content-Type": json ? "application/json" : "application/x-protobuf",
        ...(gzip ? { "Content-Encoding": "gzip" } : {}),
      },
      body: gzip ? gzipSync(plain) : plain,
      timeoutMilliseconds,
    };
    try {
      const { status, body } = await this.#world.http.send(request, this.#world.stop);
      if (status < 200 || status >= 300) return `it answers with ${status}`;
      return this.#refused(body);
    } catch (error) {
      if (!(error instanceof HttpError)) return "the request failed";
      return error.failure === "aborted" ? "no answer in time" : error.message;
    }
  }
  /** A collector may take only a part. Its message about that is not repeated: it may contain anything. */
  #refused(body: Uint8Array): string | undefined {
    if (body.length === 0) return undefined;
    let refused = 0;
    try {
      const { partialSuccess = {} } = this.#serializer.deserializeResponse(body);
      for (const [name, value] of Object.entries(partialSuccess)) {
        if (name.startsWith("rejected")) refused = Number(value);
      }
    } catch {
      // The status says that it was taken, whatever this body is.
    }
    return refused > 0 ? `it refused ${refused} of what was sent` : undefined;
  }
  /** Scheme and host; the rest of the address may contain a key. */
  get #where(): string {
    const { protocol, host } = new URL(this.#destination.url);
    return `${protocol}//${host}`;
  }
}
