import type { Clock } from "./clock.ts";
import type { Databases } from "./databases.ts";
import type { Http } from "./http.ts";
import type { Signal } from "./signal.ts";

/** Chance. A whole number generator is derived from it where one is needed. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number;
}

/** Files that a script or an option names. Errors are `FileError`s, for people. */
export interface Files {
  /**
   * The file's bytes, piece by piece. `-` is standard input. A piece is the reader's until it asks for the
   * next one: then it may be written over. `room`: memory for so many bytes at least, where the reader wants
   * the next piece to be; it may come elsewhere all the same.
   */
  read(
    path: string,
    signal?: Signal,
    room?: (bytes: number) => Uint8Array,
  ): AsyncIterable<Uint8Array>;
}

/** A file that could not be read. `message` says which, why, and what to do. */
export class FileError extends Error {
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.name = "FileError";
    this.path = path;
  }
}

/** Where `secrets.get` looks. Gives undefined for an unknown key; throws `SecretsError` when unusable. */
export interface Secrets {
  get(key: string): Promise<string | undefined>;
}

/** Structured messages for the operator of the process; never a secret. */
export interface Log {
  write(
    level: "debug" | "info" | "warn" | "error",
    message: string,
    fields?: Record<string, unknown>,
  ): void;
}

/** The event loop. Long work asks `due()` often, and awaits `turn()` when it says yes. */
export interface Loop {
  /** True when the loop has been held for 20 ms or more since the last turn. Cheap. */
  due(): boolean;
  /** Lets timers, sockets and signals run once. */
  turn(): Promise<void>;
}

/** Memory of the process, for runs that must keep to a limit. */
export interface Memory {
  /** Bytes that the process may take. */
  readonly limit: number;
  /** Bytes that it takes at most; where that may be more than `most`, what it takes, after everything unused was given back. */
  used(most: number): number;
}

/** Everything of the outside world that a run may touch. */
export interface Host {
  readonly clock: Clock;
  readonly random: Random;
  readonly http: Http;
  readonly files: Files;
  readonly secrets: Secrets;
  readonly log: Log;
  readonly loop: Loop;
  /** Absent: none can be asked. */
  readonly databases?: Databases;
  /** Absent: memory is not limited. */
  readonly memory?: Memory;
}
