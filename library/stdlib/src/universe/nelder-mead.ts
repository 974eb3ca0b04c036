import type { Steps } from "@tocsin/platform/host";

/** A place in the space of parameters, and what the function is there. */
export interface Vertex {
  /** No typed array: of more than eight numbers each would have memory of its own. */
  readonly at: readonly number[];
  readonly value: number;
}

/** Distance of the first vertices from the start, along each axis. */
const FIRST_STEP = 0.05;
/**
 * The search ends when this many steps in a row have not lowered the value by more than
 * `SMALLEST_GAIN`.
 */
const PATIENCE = 100;
const SMALLEST_GAIN = 1e-4;

/**
 * A minimum of a function near `start`, by the downhill simplex method of Nelder and Mead with the
 * factors of Gao and Han, which depend on the number of parameters. Undefined when the function has
 * no finite value at the start. In steps: the search may take many.
 */
export function* minimize(
  valueAt: (at: readonly number[]) => number,
  start: readonly number[],
): Steps<Vertex | undefined> {
  const first: Vertex = { at: start.slice(), value: valueAt(start) };
  if (!Number.isFinite(first.value)) return undefined;
  const simplex = new Simplex(valueAt, first);
  const watch = new Patience(first.value);
  while (watch.goesOn(simplex.best.value)) {
    simplex.step();
    yield;
  }
  return simplex.best;
}

/** Notices when nothing gets better any more. */
class Patience {
  #best: number;
  #waited = 0;

  constructor(first: number) {
    this.#best = first;
  }
  goesOn(value: number): boolean {
    if (this.#best - value > SMALLEST_GAIN) {
      this.#best = value;
      this.#waited = 0;
    } else this.#waited += 1;
    return this.#waited < PATIENCE;
  }
}

class Simplex {
  readonly #valueAt: (at: readonly number[]) => number;
  readonly #size: number;
  /** Sorted by value. */
  #vertices: Vertex[];
  /** The middle of all but the worst vertex. */
  #centre: number[];

  constructor(valueAt: (at: readonly number[]) => number, first: Vertex) {
    this.#valueAt = valueAt;
    this.#size = first.at.length;
    this.#vertices = first.at.map((_, axis) => {
      const at = first.at.slice();
      at[axis] += FIRST_STEP;
      return this.#vertex(at);
    });
    this.#vertices.push(first);
    this.#centre = first.at.map(() => 0);
    this.#sort();
  }
  get best(): Vertex {
    return this.#vertices[0];
  }
  /**
   * Moves the worst vertex through the centre, further, or less far; else draws all to the best.
   */
  step(): void {
    const contraction = 0.75 - 1 / (2 * this.#size);
    const reflected = this.#beyond(1);
    if (reflected.value < this.best.value) {
      const expanded = this.#beyond(1 + 2 / this.#size);
      this.#replaceWorst(expanded.value < reflected.value ? expanded : reflected);
    } else if (reflected.value < this.#vertices[this.#size - 1].value) {
      this.#replaceWorst(reflected);
    } else if (reflected.value < this.#vertices[this.#size].value) {
      const outside = this.#beyond(contraction);
      if (outside.value <= reflected.value) this.#replaceWorst(outside);
      else this.#shrink();
    } else {
      const inside = this.#beyond(-contraction);
      if (inside.value < this.#vertices[this.#size].value) this.#replaceWorst(inside);
      else this.#shrink();
    }
  }

  #vertex(at: readonly number[]): Vertex {
    return { at, value: this.#valueAt(at) };
  }
  /** From the worst vertex through the centre, and `factor` times that way beyond it. */
  #beyond(factor: number): Vertex {
    const { at: worst } = this.#vertices[this.#size];
    const centre = this.#centre;
    return this.#vertex(centre.map((c, i) => factor * (c - worst[i]) + c));
  }
  #replaceWorst(vertex: Vertex): void {
    const vertices = this.#vertices;
    const size = this.#size;
    let at = size;
    for (; at > 0 && vertices[at - 1].value >= vertex.value; at--) vertices[at] = vertices[at - 1];
    vertices[at] = vertex;
    const { at: worst } = vertices[size];
    const centre = this.#centre;
    for (let i = 0; i < size; i++) {
      centre[i] += (-1 / size) * worst[i];
      centre[i] += (1 / size) * vertex.at[i];
    }
  }
  #shrink(): void {
    const best = this.best.at;
    const factor = 1 - 1 / this.#size;
    this.#vertices = this.#vertices.map((vertex, i) =>
      i === 0
        ? vertex
        : this.#vertex(vertex.at.map((x, axis) => factor * (x - best[axis]) + best[axis])),
    );
    this.#sort();
  }
  #sort(): void {
    this.#vertices.sort((a, b) => a.value - b.value);
    this.#centre.fill(0);
    for (let v = 0; v < this.#size; v++)
      for (let i = 0; i < this.#size; i++) this.#centre[i] += this.#vertices[v].at[i];
    for (let i = 0; i < this.#size; i++) this.#centre[i] /= this.#size;
  }
}
