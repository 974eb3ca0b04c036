import type { Signal } from "./signal.ts";

/** One outgoing request. Redirects are never followed, because the address may contain a key. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Limit of the whole attempt, from connecting to the last byte, in milliseconds. 0: no limit. */
  readonly timeoutMilliseconds: number;
  /** How many bytes of the answer are kept; the rest is read and dropped. Default: 1 MiB. */
  readonly bodyLimit?: number;
  readonly insecureSkipVerify?: boolean;
}

/** A complete answer. */
export interface HttpResponse {
  readonly status: number;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Why no complete answer came. */
export type HttpFailure =
  | "refused"
  | "reset"
  | "timeout"
  | "no-such-host"
  | "dns"
  | "tls"
  | "truncated"
  | "unreachable"
  | "invalid-url"
  | "aborted"
  | "other";

/** No complete answer came. `message` never contains the URL or a header. */
export class HttpError extends Error {
  readonly failure: HttpFailure;
  /** False when it is certain that the other side processed nothing of the request. */
  readonly maybeProcessed: boolean;

  constructor(failure: HttpFailure, message: string, maybeProcessed: boolean) {
    super(message);
    this.name = "HttpError";
    this.failure = failure;
    this.maybeProcessed = maybeProcessed;
  }
}

/** An answer that is read as it comes. `body` throws an `HttpError` when it breaks off. */
export interface HttpStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** The network. Throws `HttpError`. */
export interface Http {
  send(request: HttpRequest, signal?: Signal): Promise<HttpResponse>;
  stream(request: HttpRequest, signal?: Signal): Promise<HttpStream>;
}

/** A network that answers from a function: the double that tests use. */
export function scriptedHttp(
  answer: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>,
): Http {
  return {
    send: async (request) => answer(request),
    stream: async (request) => {
      const { status, headers, body } = await answer(request);
      return {
        status,
        headers,
        body: (async function* () {
          yield body;
        })(),
      };
    },
  };
}
