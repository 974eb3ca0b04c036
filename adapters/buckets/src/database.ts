import type * as Bindings from "@duckdb/node-bindings";
import type { Signal } from "@tocsin/platform/host";
import { Connection } from "./duckdb.ts";
import { type Api, loadEngine, newInstance } from "./engine.ts";
import { sqlText } from "./sql.ts";

/** How a store is opened. */
export interface Opening {
  readonly access: "read" | "write";
  /** Bytes that the engine may take; by default what it thinks right. */
  readonly memory?: number | undefined;
  /** By default as many as the machine has processors. */
  readonly threads?: number | undefined;
}

/** An open store. */
export class Database {
  readonly #engine: Engine;

  private constructor(engine: Engine) {
    this.#engine = engine;
  }
  /** Opens the file at `path`. The first call loads DuckDB. */
  static async open(path: string, opening: Opening): Promise<Database> {
    const used = idle;
    idle = undefined;
    const engine = used ?? (await Engine.start());
    try {
      await engine.attach(path, opening);
      return new Database(engine);
    } catch (error) {
      if (isLocked(error)) rest(engine);
      else engine.end();
      if (used === undefined || isLocked(error)) throw error;
    }
    // What was attached to it before may have left something behind.
    return Database.open(path, opening);
  }
  /** Where statements run, one after the other. `stop` breaks off what is run. */
  connection(stop?: Signal): Connection {
    return this.#engine.connected(stop);
  }
  /** Gives the file free; all that was committed is in it. */
  async close(): Promise<void> {
    try {
      await this.#engine.detach();
      rest(this.#engine);
    } catch {
      this.discard();
    }
  }
  /** Gives the file free at once, with all that has to do with it; as after an error. */
  discard(): void {
    this.#engine.end();
  }
}

/** Whether another process holds a store. */
export const isLocked = (error: unknown): error is Error =>
  error instanceof Error &&
  /could not set lock on file|being used by another process/i.test(error.message);

/** The name under which a store is attached. */
const catalog = "store";

/**
 * An instance of DuckDB, to which one store at a time is attached. To make an instance, with all the
 * functions of SQL in it, takes ten times as long as to attach a store.
 */
class Engine {
  readonly #api: Api;
  readonly #instance: Bindings.Database;
  readonly #connection: Bindings.Connection;
  /** Detaches the store: no connection detaches what it uses itself. */
  readonly #other: Bindings.Connection;
  /** Statements of settings that hold, by name. */
  #settings: ReadonlyMap<string, string> = new Map([
    ["memory_limit", setting("memory_limit", undefined)],
  ]);
  /** In how many threads statements run, those that the store was opened with, and when that holds. */
  #threads = { now: allThreads, opened: allThreads, set: Promise.resolve<unknown>(undefined) };
  /** Whether the connection looks into the store that is attached, whichever it is. */
  #used = false;

  private constructor(
    api: Api,
    instance: Bindings.Database,
    [connection, other]: readonly [Bindings.Connection, Bindings.Connection],
  ) {
    this.#api = api;
    this.#instance = instance;
    this.#connection = connection;
    this.#other = other;
  }
  static async start(): Promise<Engine> {
    const [api, instance] = await Promise.all([loadEngine(), newInstance()]);
    const connections = [api.connect(instance), api.connect(instance)] as const;
    return new Engine(api, instance, await Promise.all(connections));
  }
  async attach(path: string, { access, memory, threads }: Opening): Promise<void> {
    const how = access === "read" ? "READ_ONLY" : "READ_WRITE";
    const wanted = new Map([
      ["temp_directory", setting("temp_directory", sqlText(`${path}.tmp`))],
      ["memory_limit", setting("memory_limit", memory && sqlText(`${memory} B`))],
    ]);
    const changed = [...wanted].filter(([name, sql]) => this.#settings.get(name) !== sql);
    const opened = setting("threads", threads);
    if (this.#threads.now !== opened) changed.push(["threads", opened]);
    const attach = `ATTACH ${sqlText(path)} AS ${catalog} (${how}, TYPE duckdb)`;
    const use = this.#used ? [] : [`USE ${catalog}`];
    const statements = [...changed.map(([, sql]) => sql), attach, ...use];
    await this.#api.query(this.#connection, statements.join(";"));
    this.#settings = wanted;
    this.#threads = { ...this.#threads, now: opened, opened };
    this.#used = true;
  }
  /** May write what was committed to its place in the file. */
  async detach(): Promise<void> {
    await this.#api.query(this.#other, `DETACH ${catalog}`);
  }
  connected(stop: Signal | undefined): Connection {
    const useThreads = (which: "all" | "one"): Promise<unknown> => this.#useThreads(which);
    const another = async (): Promise<Connection> => {
      const made = await this.#api.connect(this.#instance);
      await this.#api.query(made, `USE ${catalog}`);
      return new Connection(this.#api, made, { another, useThreads, stop });
    };
    return new Connection(this.#api, this.#connection, { another, useThreads, stop });
  }
  /** Only where it is to change: to end threads or begin them takes as long as many a statement. */
  #useThreads(which: "all" | "one"): Promise<unknown> {
    const { now, opened } = this.#threads;
    const sql = which === "all" ? opened : oneThread;
    if (now !== sql)
      this.#threads = { opened, now: sql, set: this.#api.query(this.#connection, sql) };
    return this.#threads.set;
  }
  end(): void {
    this.#api.disconnect_sync(this.#other);
    this.#api.disconnect_sync(this.#connection);
    this.#api.close_sync(this.#instance);
  }
}

/** The statement that makes a setting what it should be; undefined stands for the default. */
const setting = (name: string, value: string | number | undefined): string =>
  value === undefined ? `RESET ${name}` : `SET ${name} = ${value}`;

const allThreads = setting("threads", undefined);
const oneThread = setting("threads", 1);

/** An instance that nobody uses. */
let idle: Engine | undefined;

function rest(engine: Engine): void {
  idle?.end();
  idle = engine;
}
