import { CsvDecoder, type CsvPiece } from "@tocsin/data/codec";
import type { Batch } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import type { BucketRead } from "@tocsin/engine/plan";
import { type Host, HttpError, type HttpStream, type Signal, utf8 } from "@tocsin/platform/host";
import { fluxOf } from "./flux-text.ts";
import { allAggregates } from "./memory.ts";
import { namingBucket, checkRange } from "./request.ts";
import type { OutsideBucket } from "./routed.ts";
import { refusalOf } from "./server-errors.ts";
import { messageIn } from "./server-message.ts";
import { type ServerPlace, serverPlace } from "./server-place.ts";
import { withPatience } from "./patience.ts";

/** How long a server may take before its answer begins, and how long it may pause within it. */
const patienceMilliseconds = 60_000;

/**
 * A bucket of an InfluxDB 2 server. A read is sent as Flux with absolute times. Nothing of the answer is used before its
 * last byte has arrived: a server that fails in the middle has answered with status 200 long before, and a part of the
 * rows would look like all of them.
 */
class ServerBucket implements OutsideBucket {
  readonly name: string;
  readonly source: string;
  readonly pushes = allAggregates;
  readonly #place: ServerPlace;
  readonly #host: Host;

  constructor(name: string, place: ServerPlace, host: Host) {
    this.name = name;
    this.source = `influxdb2:${place.shown}`;
    this.#place = place;
    this.#host = host;
  }
  async *read(request: BucketRead, signal?: Signal): AsyncGenerator<Batch> {
    let pieces: readonly CsvPiece[];
    try {
      checkRange(request);
      pieces = await this.#answer(request, signal);
    } catch (error) {
      throw this.#masked(namingBucket(this.name, this.#worded(error)));
    }
    for (const { batch } of pieces) yield batch;
  }

  async #answer(request: BucketRead, signal: Signal | undefined): Promise<readonly CsvPiece[]> {
    return withPatience(this.#host.clock, patienceMilliseconds, signal, async (waiting, stop) => {
      const answer = await waiting(this.#send(request, stop));
      if (answer.status !== 200)
        throw refusalOf(answer, await waiting(beginning(answer.body)), this.#place);
      const emptyWindows = request.aggregate?.window?.createEmpty === true;
      // The storage has no nulls: an empty text is a text. Only windows without points have no value.
      const reader = new AnswerReader(emptyWindows ? "null" : "text");
      const bytes = answer.body[Symbol.asyncIterator]();
      for (;;) {
        const { done, value } = await waiting(bytes.next());
        if (done === true) break;
        reader.push(value);
        if (this.#host.loop.due()) await this.#host.loop.turn();
      }
      return reader.finish();
    });
  }
  #send(request: BucketRead, signal: Signal): Promise<HttpStream> {
    const { url, org, bucket, token } = this.#place;
    const body = JSON.stringify({
      query: fluxOf(request, bucket ?? this.name),
      type: "flux",
      dialect: { header: true, delimiter: ",", annotations: ["datatype", "group", "default"] },
    });
    const headers = {
      Authorization: `Token ${token}`,
      "Content-Type": "application/json",
      Accept: "application/csv",
      "Accept-Encoding": "identity",
    };
    const target = `${url}/api/v2/query?org=${encodeURIComponent(org)}`;
    return this.#host.http.stream(
      { method: "POST", url: target, headers, body: utf8.encode(body), timeoutMilliseconds: 0 },
      signal,
    );
  }
  /** Hides the token: the page of a proxy may repeat what was sent. */
  #masked(error: FluxError): FluxError {
    const { token } = this.#place;
    if (!error.message.includes(token)) return error;
    return new FluxError(error.code, error.message.replaceAll(token, "…"), { hint: error.hint });
  }
  #worded(error: unknown): unknown {
    if (!(error instanceof HttpError)) return error;
    const { failure, message } = error;
    const cut = failure === "truncated";
    const text = cut
      ? `the answer of ${this.#place.shown} was cut`
      : `no answer from ${this.#place.shown}`;
    return new FluxError(
      failure === "aborted" ? "canceled" : "unavailable",
      `${text}: ${message}`,
      {
        hint: cut
          ? "no row of it was used; run the script again"
          : "is the server up, and its URL right?",
      },
    );
  }
}

/** How many bytes are kept of the end of an answer, and of the text of an error. */
const keptBytes = 8192;

/** Decodes an answer, and judges by its end whether it is complete. */
class AnswerReader {
  readonly #decoder: CsvDecoder;
  readonly #pieces: CsvPiece[] = [];
  #tail = new Uint8Array(0);
  #failure: unknown;

  constructor(emptyText: "null" | "text") {
    this.#decoder = new CsvDecoder({ emptyText });
  }
  push(chunk: Uint8Array): void {
    const tail = new Uint8Array(Math.min(keptBytes, this.#tail.length + chunk.length));
    const fromChunk = chunk.subarray(Math.max(0, chunk.length - keptBytes));
    tail.set(this.#tail.subarray(this.#tail.length - (tail.length - fromChunk.length)));
    tail.set(fromChunk, tail.length - fromChunk.length);
    this.#tail = tail;
    this.#decode(() => this.#decoder.push(chunk));
  }
  /** The batches of a complete answer. Throws the server's error, or one that says that the answer is incomplete. */
  finish(): readonly CsvPiece[] {
    const tail = utf8.decode(this.#tail);
    // A server that panics appends the error as JSON.
    const panic = /(?:^|\n)(\{"code":.*\})\s*$/.exec(tail);
    if (panic !== null)
      throw new FluxError("internal", `the server failed: ${messageIn(panic[1])}`);
    this.#decode(() => this.#decoder.finish());
    const failure = this.#failure;
    // The server's own error takes precedence over the incomplete answer.
    if (failure instanceof FluxError && failure.code === "internal") throw failure;
    if (tail !== "\r\n" && !tail.endsWith("\r\n\r\n")) {
      throw new FluxError("unavailable", "the answer was cut: its end is missing", {
        hint: "no row of it was used; run the script again",
      });
    }
    if (failure === undefined) return this.#pieces;
    const why = failure instanceof Error ? failure.message : String(failure);
    throw new FluxError("invalid", `the answer is not annotated CSV: ${why}`, { cause: failure });
  }

  #decode(step: () => readonly CsvPiece[]): void {
    // After a failure only the end matters: it may say more.
    if (this.#failure !== undefined) return;
    try {
      this.#pieces.push(...step());
    } catch (error) {
      this.#failure = error;
    }
  }
}

async function beginning(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of body) {
    text += utf8.decode(chunk);
    if (text.length > keptBytes) break;
  }
  return text;
}

/** A bucket of the server at `source` (what follows `influxdb2:`). Throws when it is not configured. */
export function openServerBucket(
  name: string,
  source: string,
  host: Host,
  env: Readonly<Record<string, string | undefined>>,
): ServerBucket {
  return new ServerBucket(name, serverPlace(name, source, env), host);
}
