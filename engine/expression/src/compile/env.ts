import type { Cell, Location, Scope, SourceFile } from "@tocsin/data/value";
import type { Span } from "@tocsin/language/syntax";
import { placeOf } from "../place.ts";
import type { Term } from "./term.ts";

const places = new WeakMap<SourceFile, Map<string, Location>>();

/** Names inside the function that is being compiled, and behind them the scope it was written in. */
export class Env {
  readonly scope: Scope;
  readonly file: SourceFile;
  /** Where the script called into the library; undefined outside it. */
  readonly entry: Location | undefined;
  readonly #parent: Env | undefined;
  readonly #names = new Map<string, Term>();

  constructor(
    scope: Scope,
    file: SourceFile,
    outer: { parent?: Env; entry?: Location | undefined } = {},
  ) {
    this.scope = scope;
    this.file = file;
    this.#parent = outer.parent;
    this.entry = outer.entry ?? outer.parent?.entry;
  }
  define(name: string, term: Term): void {
    this.#names.set(name, term);
  }
  local(name: string): Term | undefined {
    return this.#names.get(name) ?? this.#parent?.local(name);
  }
  outer(name: string): Cell | undefined {
    return this.scope.find(name);
  }
  inner(): Env {
    return new Env(this.scope, this.file, { parent: this });
  }
  /** The same names, for a call that came from `entry`. */
  entered(entry: Location | undefined): Env {
    return new Env(this.scope, this.file, { parent: this, entry });
  }
  /** The place of a node, one object for each. */
  place(node: { readonly span: Span }): Location | undefined {
    if (this.file.library === true && this.entry !== undefined) return this.entry;
    const place = placeOf(node, this.file, this.scope);
    if (place === undefined || place.file !== this.file) return place;
    let known = places.get(this.file);
    if (known === undefined) places.set(this.file, (known = new Map()));
    const key = `${place.start}:${place.end}`;
    const before = known.get(key);
    if (before === undefined) known.set(key, place);
    return before ?? place;
  }
}
