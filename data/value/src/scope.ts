import type { Location } from "./function.ts";
import type { Value } from "./value.ts";

/** A place that holds a value. Options are cells that scripts assign; all else is written once. */
export interface Cell {
  value: Value;
  readonly option: boolean;
}

/** An imported package: its members are cells, so that an option set by the importer reaches inside. */
export interface PackageValue {
  readonly kind: "package";
  /** Import path, for example `influxdata/influxdb/monitor`. */
  readonly path: string;
  /** Name of the package clause: what scripts call it without an alias. */
  readonly name: string;
  readonly cells: ReadonlyMap<string, Cell>;
}

/** Names and what they stand for, innermost first. Scopes are only ever added to, never rebound. */
export class Scope {
  readonly parent: Scope | undefined;
  readonly #cells: Map<string, Cell>;
  readonly #entry: Location | undefined;

  /**
   * `entry`: the place in the script whose call into the library made this scope. `cells`: the names
   * that it begins with; they are not copied.
   */
  constructor(parent?: Scope, entry?: Location, cells = new Map<string, Cell>()) {
    this.parent = parent;
    this.#entry = entry;
    this.#cells = cells;
  }
  /** Where the script called what is evaluated here; undefined outside the library. */
  entry(): Location | undefined {
    let scope: Scope | undefined = this;
    while (scope !== undefined) {
      if (scope.#entry !== undefined) return scope.#entry;
      scope = scope.parent;
    }
    return undefined;
  }
  /** The cell that `name` means here, or undefined when nothing is called so. */
  find(name: string): Cell | undefined {
    let scope: Scope | undefined = this;
    while (scope !== undefined) {
      const cell = scope.#cells.get(name);
      if (cell !== undefined) return cell;
      scope = scope.parent;
    }
    return undefined;
  }
  define(name: string, value: Value, option = false): Cell {
    const cell: Cell = { value, option };
    this.#cells.set(name, cell);
    return cell;
  }
  /** Makes `name` stand for a cell that something else owns, such as a package's member. */
  bind(name: string, cell: Cell): void {
    this.#cells.set(name, cell);
  }
  /** The cells of this scope itself, not of its parents. */
  own(): ReadonlyMap<string, Cell> {
    return this.#cells;
  }
}
