import type { Delivery, Recorded } from "@tocsin/alerting/delivery";

/** So many events are kept at hand from their recording until they leave: their run has them anyway. */
const most = 262_144;

/** What was recorded through a handle, is on disk, and did not leave through it: by id, as it was recorded. */
export class OwnEvents {
  readonly #all = new Map<number, Delivery>();
  #since: unknown;

  get all(): ReadonlyMap<number, Delivery> {
    return this.#all;
  }
  /** `version`: a number that others' commits change, as it was in that transaction. */
  add({ deliveries, known }: Recorded, version: unknown): void {
    if (this.#all.size === 0) this.#since = version;
    for (const one of deliveries) {
      if (this.#all.size >= most) break;
      if (!known.has(one.id)) this.#all.set(Number(one.id), one);
    }
  }
  /** It left, or is no longer as it was. */
  drop({ id }: Pick<Delivery, "id">): void {
    this.#all.delete(Number(id));
  }
  /** Those of ids, when nobody but their handle can have touched any; undefined: somebody may have marked one as late. */
  untouched(ids: ReadonlySet<number>, version: unknown): readonly Delivery[] | undefined {
    const found: Delivery[] = [];
    for (const id of ids) {
      const one = this.#all.get(id);
      if (one !== undefined) found.push(one);
    }
    return version === this.#since && found.length === ids.size ? found : undefined;
  }
}
