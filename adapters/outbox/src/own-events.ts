import type { Delivery, Recorded } from "@tocsin/alerting/delivery";

/** How many events are kept from their recording until they leave; their run holds them anyway. */
const most = 262_144;

/** The events that a handle recorded, that are on disk and have not left through it: by id, as they were recorded. */
export class OwnEvents {
  readonly #all = new Map<number, Delivery>();
  #since: unknown;

  get all(): ReadonlyMap<number, Delivery> {
    return this.#all;
  }
  /** `version`: a number that other handles' commits change, as it was in that transaction. */
  add({ deliveries, known }: Recorded, version: unknown): void {
    if (this.#all.size === 0) this.#since = version;
    for (const one of deliveries) {
      if (this.#all.size >= most) break;
      if (!known.has(one.id)) this.#all.set(Number(one.id), one);
    }
  }
  /** Forgets an event that left or changed. */
  drop({ id }: Pick<Delivery, "id">): void {
    this.#all.delete(Number(id));
  }
  /** The events of ids, when only this handle can have touched them; undefined: another one may have marked one as late. */
  untouched(ids: ReadonlySet<number>, version: unknown): readonly Delivery[] | undefined {
    const found: Delivery[] = [];
    for (const id of ids) {
      const one = this.#all.get(id);
      if (one !== undefined) found.push(one);
    }
    return version === this.#since && found.length === ids.size ? found : undefined;
  }
}
