import { HttpError, type HttpRequest, type HttpResponse, type Signal } from "@tocsin/platform/host";
import { AnswerReader, type Usual, usualAnswer } from "./answer-reader.ts";
import type { Connection } from "./connection.ts";
import { withPlainBody } from "./content-coding.ts";
import { httpError, type Progress, tooLate } from "./http-errors.ts";
import { defaultBodyLimit } from "./http-target.ts";

/** A request, and when it was asked for (`started`, by `monotonic`). */
export interface Asked {
  readonly request: HttpRequest;
  readonly signal: Signal | undefined;
  readonly started: number;
}

/** One request and its answer. Anything that goes wrong fails it, including being too late. */
export class Exchange {
  readonly asked: Asked;
  readonly #resolve: (answer: HttpResponse) => void;
  readonly #reject: (error: HttpError) => void;
  /** Undefined until something arrives that is not a usual answer in one piece. */
  #reader: AnswerReader | undefined;
  #connection: Connection | undefined;
  #bytes: Uint8Array | undefined;
  #progress: Progress = "connecting";
  #over = false;

  constructor(
    asked: Asked,
    resolve: (answer: HttpResponse) => void,
    reject: (error: HttpError) => void,
  ) {
    this.asked = asked;
    this.#resolve = resolve;
    this.#reject = reject;
  }
  /** Takes a connection, and sends the bytes over it as soon as it is ready. */
  over(connection: Connection, bytes: Uint8Array): void {
    this.#connection = connection;
    this.#bytes = bytes;
    connection.take(this);
    if (connection.ready) this.begin();
  }
  /** Sends the request: the connection is ready. */
  begin(): void {
    const { request, started } = this.asked;
    const late = tooLate(request, started);
    if (late !== undefined) return this.fail(late);
    this.#progress = "sent";
    if (this.#bytes !== undefined) this.#connection?.socket.write(this.#bytes);
    this.#bytes = undefined;
  }
  read(bytes: Buffer): void {
    try {
      const limit = this.asked.request.bodyLimit ?? defaultBodyLimit;
      const usual = this.#reader === undefined ? usualAnswer(bytes, limit) : undefined;
      if (usual !== undefined) return this.#done(usual, usual.persists);
      const reader = (this.#reader ??= new AnswerReader(limit));
      const whole = reader.push(bytes);
      if (reader.head !== undefined) this.#progress = "answering";
      if (whole) this.#read(reader, reader.persists);
    } catch (error) {
      this.fail(error);
    }
  }
  /** The other side has closed the connection. */
  ended(): void {
    if (this.#reader?.end() === true) this.#read(this.#reader, false);
  }
  stop(failure: "timeout" | "aborted", message: string): void {
    this.fail(new HttpError(failure, message, this.#progress !== "connecting"));
  }
  fail(error: unknown): void {
    if (this.#over) return;
    this.#end(false);
    this.#reject(httpError(error, this.#progress));
  }
  #read({ head, body }: AnswerReader, persists: boolean): void {
    if (head !== undefined) this.#done({ head, body }, persists);
  }
  #done({ head, body }: Pick<Usual, "head" | "body">, persists: boolean): void {
    if (this.#over) return;
    this.#end(persists);
    const answer = { status: head.status, headers: head.headers, body };
    this.#resolve(withPlainBody(answer, this.asked.request.bodyLimit ?? defaultBodyLimit));
  }
  #end(persists: boolean): void {
    this.#over = true;
    this.#connection?.release(persists);
  }
}
