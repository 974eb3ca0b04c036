import type { HttpResponse } from "@tocsin/platform/host";
import { monotonic } from "./clock.ts";
import { Connection, idleMilliseconds } from "./connection.ts";
import { type Asked, Exchange } from "./exchange.ts";
import { refuseWhenStopped } from "./http-target.ts";
import { bytesOf, type Route, routeOf } from "./plain-request.ts";
import { openSocket } from "./sockets.ts";
import { TimeLimits } from "./time-limits.ts";

/** How long unused connections keep the process alive. */
const restMilliseconds = 10;
/** How many unused connections of an origin are kept. */
const mostIdle = 512;

/** What is kept for one origin. */
interface Origin {
  readonly idle: Connection[];
  /** Shortens the next TLS handshake. */
  session: Buffer | undefined;
}

/**
 * Sends plain requests over connections that are kept open, one request at a time on each. It takes a third
 * of the processor time of Node's own client.
 */
export class Connections {
  readonly #origins = new Map<string, Origin>();
  readonly #all = new Set<Connection>();
  #restless = false;
  #sweeper: NodeJS.Timeout | undefined;
  readonly #limits = new TimeLimits(() => this.#exchanges());

  /** Rejects with an `HttpError`. */
  send(asked: Asked): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      refuseWhenStopped(asked.signal);
      const exchange = new Exchange(asked, resolve, reject);
      this.#limits.keep(asked);
      try {
        const route = routeOf(asked.request);
        const bytes = bytesOf(route, asked.request);
        exchange.over(this.#idle(route, asked.started) ?? this.#open(route), bytes);
      } catch (error) {
        exchange.fail(error);
      }
    });
  }
  close(): void {
    for (const connection of this.#all) connection.socket.destroy();
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #origin({ key }: Route): Origin {
    let origin = this.#origins.get(key);
    if (origin === undefined) this.#origins.set(key, (origin = { idle: [], session: undefined }));
    return origin;
  }
  *#exchanges(): Generator<Exchange> {
    for (const { exchange } of this.#all) if (exchange !== undefined) yield exchange;
  }
  #idle(route: Route, now: number): Connection | undefined {
    const { idle } = this.#origin(route);
    // The one that was used last is the least likely to have been closed by the other side.
    for (let last = idle.pop(); last !== undefined; last = idle.pop()) {
      if (last.isUsable(now)) return last;
      last.socket.destroy();
    }
    return undefined;
  }
  #open(route: Route): Connection {
    const origin = this.#origin(route);
    const opened = new Connection(
      (read) => openSocket(route, origin, read),
      route.secure,
      (one) => this.#rest(one, origin),
    );
    const { socket } = opened;
    this.#all.add(opened);
    socket.once("close", () => {
      this.#all.delete(opened);
      this.#restLater();
    });
    return opened;
  }
  #rest(connection: Connection, { idle }: Origin): void {
    if (idle.length >= mostIdle) connection.socket.destroy();
    else idle.push(connection);
    this.#restLater();
    this.#sweeper ??= setInterval(() => this.#sweep(), idleMilliseconds / 4).unref();
  }
  /** Not at once: the next request is seldom far, and letting go of a connection and taking it again costs two calls. */
  #restLater(): void {
    if (this.#restless) return;
    this.#restless = true;
    setTimeout(() => this.#letGo(), restMilliseconds).unref();
  }
  /** Unused connections must not keep the process alive. While one is used, it does so anyway. */
  #letGo(): void {
    this.#restless = false;
    for (const one of this.#all) if (one.exchange !== undefined) return;
    for (const one of this.#all) one.letGo();
  }
  #sweep(): void {
    const now = monotonic();
    for (const { idle } of this.#origins.values()) {
      for (const one of idle.splice(0)) {
        if (one.isUsable(now)) idle.push(one);
        else one.socket.destroy();
      }
    }
    if (this.#all.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}
