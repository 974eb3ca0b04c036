import type { Clock } from "./clock.ts";
import type { Databases } from "./databases.ts";
import type { Http } from "./http.ts";
import type { Signal } from "./signal.ts";

/** The source of chance. */
export interface Random {
  /** A number of at least 0 and less than 1. */
  next(): number;
}

/** Files that a script or an option names. Errors are `FileError`s, for people. */
export interface Files {
  /**
   * The bytes of a file in pieces; `-` is standard input. A piece may be overwritten when the reader asks for the next
   * one. `room` returns memory for at least so many bytes, in which the reader would like the next piece; it may come
   * elsewhere all the same.
   */
  read(
    path: string,
    signal?: Signal,
    room?: (bytes: number) => Uint8Array,
  ): AsyncIterable<Uint8Array>;
}

/** A file could not be read. `message` says which one, why, and what to do. */
export class FileError extends Error {
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.name = "FileError";
    this.path = path;
  }
}

/** Where `secrets.get` looks. Undefined for an unknown key; rejects, with a message for people, when secrets cannot be read. */
export interface Secrets {
  get(key: string): Promise<string | undefined>;
}

/** Structured messages for whoever operates the process. They never contain a secret. */
export interface Log {
  write(
    level: "debug" | "info" | "warn" | "error",
    message: string,
    fields?: Record<string, unknown>,
  ): void;
}

/** The event loop. Long work calls `due()` often, and awaits `turn()` when that is true. */
export interface Loop {
  /** Whether the loop has been held for 20 ms or more since the last turn. Cheap. */
  due(): boolean;
  /** Lets timers, sockets and signals run once. */
  turn(): Promise<void>;
}

/** Memory of the process, for runs that must keep to a limit. */
export interface Memory {
  /** Bytes that the process may take. */
  readonly limit: number;
  /** An upper bound of the bytes in use; when it would exceed `most`, the exact number after garbage was collected. */
  used(most: number): number;
}

/** Everything outside that a run may use. */
export interface Host {
  readonly clock: Clock;
  readonly random: Random;
  readonly http: Http;
  readonly files: Files;
  readonly secrets: Secrets;
  readonly log: Log;
  readonly loop: Loop;
  /** Absent: there are none. */
  readonly databases?: Databases;
  /** Absent: memory is not limited. */
  readonly memory?: Memory;
}
