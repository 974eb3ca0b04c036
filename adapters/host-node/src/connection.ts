import type { Socket } from "node:net";
import { HttpError } from "@tocsin/platform/host";
import { monotonic } from "./clock.ts";
import type { Exchange } from "./exchange.ts";

/** How long an unused connection is kept: shorter than most servers keep it. */
export const idleMilliseconds = 4000;
/** How long it may take to establish a connection. */
export const connectMilliseconds = 10_000;

/** One connection, and the exchange that uses it. */
export class Connection {
  readonly socket: Socket;
  /** Whether a request can be written. */
  ready = false;
  readonly #rest: (self: Connection) => void;
  /** Whether it keeps the process alive. */
  #counted = true;
  #exchange: Exchange | undefined;
  #idleSince = 0;
  /** Whether the other side has closed it. */
  #ended = false;
  #error: unknown;

  constructor(
    open: (read: (bytes: Buffer) => void) => Socket,
    secure: boolean,
    rest: (self: Connection) => void,
  ) {
    const socket = open((bytes) => this.read(bytes));
    this.socket = socket;
    this.#rest = rest;
    const late = setTimeout(() => {
      const error = new HttpError("timeout", "no connection in time (ETIMEDOUT)", false);
      this.#exchange?.fail(error);
    }, connectMilliseconds);
    socket.once(secure ? "secureConnect" : "connect", () => {
      clearTimeout(late);
      this.ready = true;
      this.#exchange?.begin();
    });
    socket.on("error", (error) => (this.#error = error));
    socket.on("end", () => {
      this.#ended = true;
      this.#exchange?.ended();
    });
    socket.on("close", () => {
      clearTimeout(late);
      const gone = Object.assign(new Error("the connection is closed"), { code: "ECONNRESET" });
      this.#exchange?.fail(this.#error ?? gone);
    });
  }
  read(bytes: Buffer): void {
    if (this.#exchange === undefined) this.socket.destroy();
    else this.#exchange.read(bytes);
  }
  get exchange(): Exchange | undefined {
    return this.#exchange;
  }
  isUsable(now: number): boolean {
    return !this.#ended && !this.socket.destroyed && now - this.#idleSince < idleMilliseconds;
  }
  take(exchange: Exchange): void {
    this.#exchange = exchange;
    if (!this.#counted) this.socket.ref();
    this.#counted = true;
  }
  /** Keeps the process alive no longer. */
  letGo(): void {
    this.socket.unref();
    this.#counted = false;
  }
  /** Its exchange is over. `persists`: another one may follow. */
  release(persists: boolean): void {
    this.#exchange = undefined;
    // An answer that came before everything was sent leaves the rest of the request in the socket.
    if (!persists || this.socket.writableLength > 0) return void this.socket.destroy();
    this.#idleSince = monotonic();
    this.#rest(this);
  }
}
