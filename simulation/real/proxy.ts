import { connect, createServer, type Server, type Socket } from "node:net";
import type { Random } from "@tocsin/platform/host";
import { breakOff } from "../../apps/tocsin/src/break-off.ts";

/** What can happen to a request on its way, and how often (0 to 1). */
export interface Weather {
  /** The connection is reset before anything of the request goes on. */
  readonly refused: number;
  /** Half of the request goes on, then both sides see a reset. */
  readonly cutRequest: number;
  /** A gateway answers 503, and nothing goes on. */
  readonly busy: number;
  /** The service acts, and its answer never leaves. */
  readonly lostAnswer: number;
  /** Half of the answer comes, then a reset. */
  readonly resetAnswer: number;
  /** Half of the answer comes, then an orderly end. */
  readonly cutAnswer: number;
  readonly delayed: number;
  /** How long a delayed answer takes, at most. Milliseconds. */
  readonly delay: number;
}

const fine = {
  refused: 0,
  cutRequest: 0,
  busy: 0,
  lostAnswer: 0,
  resetAnswer: 0,
  cutAnswer: 0,
};
const busy =
  "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nContent-Type: text/plain\r\n\r\nbusy";

/** No fault; each answer takes `delay` milliseconds at most. */
export function calm(delay: number): Weather {
  return { ...fine, delayed: 1, delay };
}

type Fate = Exclude<keyof Weather, "delay"> | "fine";

/** Faults after which the sender cannot know what the service did. */
const ambiguous: ReadonlySet<Fate> = new Set([
  "cutRequest",
  "lostAnswer",
  "resetAnswer",
  "cutAnswer",
]);

/** A TCP proxy before a service that spoils the way to it. */
export class Proxy {
  weather: Weather;
  /** Faults by kind. */
  readonly faults = new Map<string, number>();
  /** How often the sender of a text could not know what became of it. */
  readonly excuses = new Map<string, number>();
  readonly #random: Random;
  readonly #to: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** `to`: the port that it stands before, on this machine. */
  constructor(to: number, options: { weather: Weather; random: Random }) {
    this.#to = to;
    this.weather = options.weather;
    this.#random = options.random;
    this.#server = createServer((client) => this.#serve(client));
  }
  /** Gives the origin to send to. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(client: Socket): void {
    const service = connect(this.#to, "127.0.0.1");
    let fate: Fate = "fine";
    let asked = "";
    const reset = (): void => {
      breakOff(client);
      breakOff(service);
    };
    client.on("data", (bytes) => {
      // A request follows the answer to the one before it, so what begins one draws its fate.
      if (/^[A-Z]+ \//.test(bytes.toString("latin1", 0, 40))) {
        fate = this.#draw();
        asked = "";
      }
      asked += bytes.toString();
      if (fate === "refused") return reset();
      if (fate === "busy") return void (whole(asked) && client.write(busy));
      if (fate !== "cutRequest") return void service.write(bytes);
      this.#excuse(asked);
      service.write(bytes.subarray(0, bytes.length >> 1), reset);
    });
    service.on("data", (bytes) => {
      if (ambiguous.has(fate)) this.#excuse(asked);
      switch (fate) {
        case "lostAnswer":
          return reset();
        case "resetAnswer":
          return void client.write(bytes.subarray(0, bytes.length >> 1), reset);
        case "cutAnswer":
          client.end(bytes.subarray(0, bytes.length >> 1));
          return void service.destroy();
        case "delayed":
          return void setTimeout(
            () => client.write(bytes),
            this.#random.next() * this.weather.delay,
          );
        default:
          client.write(bytes);
      }
    });
    for (const [one, other] of [
      [client, service],
      [service, client],
    ]) {
      this.#sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }

  #draw(): Fate {
    let left = this.#random.next();
    for (const fate of fates) {
      left -= this.weather[fate];
      if (left >= 0) continue;
      if (fate !== "delayed") this.faults.set(fate, (this.faults.get(fate) ?? 0) + 1);
      return fate;
    }
    return "fine";
  }
  #excuse(request: string): void {
    const text = textOf(request);
    this.excuses.set(text, (this.excuses.get(text) ?? 0) + 1);
  }
}

const fates = [
  "refused",
  "cutRequest",
  "busy",
  "lostAnswer",
  "resetAnswer",
  "cutAnswer",
  "delayed",
] as const;

/** Whether all of a request is there. */
function whole(request: string): boolean {
  const end = request.indexOf("\r\n\r\n");
  const length = Number(/^content-length: *(\d+)/im.exec(request)?.[1] ?? 0);
  return end >= 0 && Buffer.byteLength(request.slice(end + 4)) >= length;
}

/** What tells an event apart in the scripts of the rig: its message. */
export function textOf(text: string): string {
  return /number \d+ of \w+/.exec(text)?.[0] ?? "";
}
