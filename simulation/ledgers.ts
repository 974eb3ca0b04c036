import type { Delivery, JournalEntry } from "@tocsin/alerting/delivery";
import type { Process } from "./time.ts";

/** An event that a run emitted. Its number is in its text. */
export interface Emitted {
  readonly number: number;
  readonly run: string;
  readonly entity: string;
  readonly type: string;
}

/** Something that went out without the outbox. */
interface Alone {
  /** Among the ids. */
  place: number;
  readonly by: Process;
}

/** What the service did with a request that it fully received. */
export interface Receipt {
  readonly number: number;
  readonly at: number;
  readonly process: Process;
  readonly effect: "accepted" | "refused" | "nothing";
  /** Whether it was sent without the outbox. */
  readonly alone: boolean;
  /** Whether the outbox was told of that since. */
  told?: true;
  /** Why its sender may have no verdict, or "" when the answer reached it. */
  excuse: string;
}

/** What everybody saw, each by itself: the runs, the service, the disk. */
export class Ledgers {
  readonly emitted = new Map<number, Emitted>();
  /** Handed over: the run was told that they are safe. */
  readonly acknowledged = new Set<number>();
  /** Those that were safe at some time: a snapshot takes that back, and in the end settled ones are forgotten. */
  readonly onceSafe = new Set<number>();
  /** Ids of the forgotten, and their numbers. */
  readonly pruned = new Set<string>();
  readonly #forgotten = new Set<number>();
  /** In the service's order. */
  readonly received: Receipt[] = [];
  /** Ids on disk by number. */
  readonly ids = new Map<number, string>();
  /** Numbers whose acceptance is on disk. */
  readonly committed = new Set<number>();
  /** Numbers that were sent without a mark. */
  readonly unmarked = new Set<number>();
  /** Of what went out without the outbox: its place among the ids. */
  readonly #alone = new Map<number, Alone>();
  #lastId = 0;
  /** By whom the last attempt was begun. */
  readonly #begun = new Map<number, Process>();
  /** What other processes had on their way when the outbox was told of something newer: they may try it again. */
  readonly #underWay = new Set<number>();
  /** When, of `committed`. */
  readonly committedAt = new Map<number, number>();
  /** What was written of each delivery's life, by id: "state reason". */
  readonly steps = new Map<string, string[]>();
  /** Numbers that a person let go again, after newer ones of the entity perhaps. */
  readonly letGo = new Set<number>();
  readonly faults = new Map<string, number>();
  readonly violations: string[] = [];
  /** Everything that people could read: logs, settlements, the outbox. */
  readonly shown: string[] = [];

  fault(kind: string): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
  }
  violate(law: string, what: string): void {
    this.violations.push(`${law}: ${what}`);
  }

  /** The service has all bytes of a request. */
  receive(receipt: Receipt): void {
    const { number, process, alone } = receipt;
    const one = this.emitted.get(number);
    if (one === undefined) {
      this.violate("unexpected", `the service got ${number}, which no run emitted`);
      return;
    }
    // By the wall clock a process tells what another one has recorded from what a failed sync of its own left.
    const clockSet = alone && process.time.clockSteps > 0;
    if (!clockSet) this.#needed(receipt);
    if (alone) this.#placed(number, process);
    if (!clockSet) this.#inOrder(one, receipt);
    this.received.push(receipt);
  }
  /** Nothing comes again that its sender could know to be there. */
  #needed({ number, process, at, alone }: Receipt): void {
    // Without a mark, another process may send it at the same moment, with one.
    const known = this.unmarked.has(number) ? at - 100 : at;
    // What a failed sync left others read, and send: who sends it alone does not hear of that.
    const heard = alone ? process.begunAt : known;
    if ((this.committedAt.get(number) ?? Infinity) <= heard) {
      this.violate("needless repeat", `${number} was accepted, that is on disk, and came again`);
    }
    for (const each of this.received) {
      const until = each.process === process ? known : heard;
      if (each.number !== number || each.at > until) continue;
      // A disk that fails is no excuse, as long as the process lives that has read the answer.
      const troubled = each.process.absent(each.at - 16_000, each.at + each.process.notesWithin);
      if (each.effect !== "accepted" || each.excuse !== "" || troubled) continue;
      this.violate("needless repeat", `${number} at ${at} by ${process.name}, answered ${each.at}`);
    }
  }
  /** It is newer than all that is recorded by now. */
  #placed(number: number, by: Process): void {
    this.#anew(number, by);
    if (this.#alone.has(number)) return;
    const place = this.#lastId + (this.received.length + 1) / 1e6;
    this.#alone.set(number, { place: Number(this.ids.get(number) ?? place), by });
  }
  /** The network brings a request that its process cannot call back: twice perhaps, but in order. */
  late(receipt: Receipt): void {
    const one = this.emitted.get(receipt.number);
    if (one === undefined) return this.violate("unexpected", `late ${receipt.number}`);
    this.#inOrder(one, receipt);
    this.received.push(receipt);
  }

  /** Who was told that it was accepted was told the truth. */
  believed(number: number): void {
    const took = this.received.some((one) => one.number === number && one.effect === "accepted");
    if (!took) this.violate("told the truth", `${number} was not accepted`);
    const known = this.committed.has(number) || this.unmarked.has(number);
    if (!known && !this.#forgotten.has(number))
      this.violate("told the truth", `${number} is not on disk as accepted`);
  }

  /** What a process sent without a mark is on disk now. */
  noted(by: Process): void {
    for (const receipt of this.received) {
      if (receipt.process === by && receipt.excuse === "unmarked") receipt.excuse = "";
    }
  }

  /** The outbox was told of these, which `by` had sent without it. */
  told(deliveries: readonly Delivery[], by: Process): void {
    for (const { state, request } of deliveries) {
      const number = numberOf(request.body);
      // What another process sends at this moment, it sends again.
      if (state === "sending") continue;
      const own = this.received.filter((one) => one.number === number && one.process === by);
      // What did not arrive is recorded now.
      if (own.length > 0 && !own.some(isKnown)) this.#alone.delete(number);
      for (const receipt of own) {
        receipt.told = true;
        if (receipt.excuse === "alone") receipt.excuse = "";
      }
      const { entity } = this.emitted.get(number) ?? {};
      for (const [other, sender] of this.#begun) {
        const others = sender !== by && sender.alive && !this.committed.has(other);
        if (others && this.emitted.get(other)?.entity === entity) this.#underWay.add(other);
      }
    }
  }
  /** A process that ends could not write down what it read. */
  unknown(by: Process): void {
    for (const receipt of this.received) {
      if (receipt.process === by && receipt.excuse === "" && !this.committed.has(receipt.number))
        receipt.excuse = "its outbox does not know";
    }
  }
  /** A process begins to send these. */
  begun(deliveries: readonly Delivery[], by: Process): void {
    for (const { request } of deliveries) {
      const number = numberOf(request.body);
      this.#begun.set(number, by);
      this.#anew(number, by);
    }
  }

  /** Never an older one of an entity after a newer one. */
  #inOrder(one: Emitted, { process: by, alone, excuse: why }: Receipt): void {
    const id = this.#place(one.number);
    if (id === Infinity && this.#forgotten.has(one.number)) return;
    if (id === Infinity) this.violate("recorded first", `${one.number} was sent unrecorded`);
    if (one.entity === "") return;
    const letGo = this.letGo.has(one.number);
    for (const receipt of this.received) {
      const { number, excuse, process } = receipt;
      // Without the outbox nobody knows what others send, nor what is held up on its way.
      const unmarked = receipt.alone || excuse === "unmarked";
      if ((alone || (why === "late" && unmarked)) && process !== by) continue;
      if (this.emitted.get(number)?.entity !== one.entity || isOver(excuse)) continue;
      if (letGo && !this.#known(receipt)) continue;
      const place = this.#place(number);
      // The outbox forgot it meanwhile.
      if (place === Infinity && this.#forgotten.has(number)) continue;
      if (place <= id || this.#unheardOf(receipt, one, by)) continue;
      this.violate("order", `${one.number} of ${one.entity} came after ${number}`);
      return;
    }
  }

  /** Its place in the order of recording; Infinity: it was not recorded. */
  #place(number: number): number {
    return this.#alone.get(number)?.place ?? Number(this.ids.get(number) ?? Infinity);
  }
  /** Whether it went out without the outbox, and whoever sends `older` could not know of it; notes follow it all the same. */
  #unheardOf(receipt: Receipt, older: Emitted, by: Process): boolean {
    const { number, process, alone, told } = receipt;
    // What was not accepted, as far as is known, is recorded when the outbox is told.
    if (alone && !isKnown(receipt)) return true;
    if (!this.#alone.has(number)) return false;
    const newer = this.emitted.get(number);
    if (!isState(older) || (newer !== undefined && !isState(newer))) return true;
    return process !== by && (told !== true || this.#underWay.has(older.number));
  }

  /** Whether the outbox can know that the service has it: a power cut takes back that it was sent. */
  #known({ number, effect, process, at }: Receipt): boolean {
    const lost = process.troubled(at - 1000, at + 16_000) && !this.committed.has(number);
    return effect === "accepted" && !lost;
  }

  /** A power cut took writes back that were not synced; these are accepted still. */
  dropped(all: readonly Delivery[]): void {
    // Which of them were synced by a later one is not kept.
    this.steps.clear();
    this.#rewound(Number(all.at(-1)?.id ?? 0));
    const accepted = all.filter(({ state }) => state === "accepted");
    const left = new Set(accepted.map((one) => numberOf(one.request.body)));
    for (const number of this.committed) {
      if (left.has(number)) continue;
      this.committed.delete(number);
      this.committedAt.delete(number);
      // Whoever ended after its disk had failed has said so.
      for (const one of this.received) {
        const { process, at } = one;
        if (one.number === number && process.troubled(at - 20_000)) one.excuse ||= "taken back";
      }
    }
  }

  #rewound(lastId: number): void {
    this.#lastId = lastId;
    for (const one of this.#alone.values()) {
      if (one.place > lastId + 1) one.place = lastId + (one.place % 1);
    }
  }

  /** The disk is again as it was when these were on it: what came later never was. */
  restored(kept: ReadonlySet<number>): void {
    this.steps.clear();
    this.#lastId = Math.max(0, ...Array.from(kept, (one) => Number(this.ids.get(one))));
    for (const [number, one] of this.#alone) if (!kept.has(number)) one.place = 0;
    for (const number of this.ids.keys()) {
      if (kept.has(number)) continue;
      this.acknowledged.delete(number);
      this.committed.delete(number);
      this.committedAt.delete(number);
      this.ids.set(number, "0");
      for (const one of this.received) if (one.number === number) one.excuse = "restored";
    }
  }

  /** A transaction wrote this step of a life. */
  step({ deliveryId, state, reason }: JournalEntry): void {
    const known = this.steps.get(deliveryId) ?? [];
    known.push(`${state} ${reason}`);
    this.steps.set(deliveryId, known);
  }

  /** The outbox forgot these, which were settled long ago. */
  forgotten(deliveries: readonly Delivery[]): void {
    for (const { id, request } of deliveries) {
      const number = numberOf(request.body);
      this.pruned.add(id);
      this.#forgotten.add(number);
      this.ids.delete(number);
      this.acknowledged.delete(number);
      this.committed.delete(number);
      this.committedAt.delete(number);
      for (const one of this.received) if (one.number === number) one.excuse = "recorded anew";
    }
  }
  /** What another process had sent without the outbox, and could not tell it, is a new event. */
  #anew(number: number, by: Process): void {
    const alone = this.#alone.get(number);
    if (alone === undefined || alone.by === by) return;
    this.#alone.delete(number);
    for (const one of this.received) if (one.number === number) one.excuse = "recorded anew";
  }

  /** A transaction recorded these, which came in this order: of an entity, a later one has a later id. */
  recorded(deliveries: readonly Delivery[], known: ReadonlySet<string>, by: Process): void {
    const last = new Map<string, Delivery>();
    for (const one of deliveries) {
      if (!known.has(one.id)) this.#anew(numberOf(one.request.body), by);
      this.ids.set(numberOf(one.request.body), one.id);
      this.#lastId = Math.max(this.#lastId, Number(one.id));
      if (one.orderKey === "") continue;
      const before = last.get(one.orderKey);
      if (known.size === 0 && before !== undefined && Number(before.id) >= Number(one.id)) {
        this.violate("order", `${one.id} of ${one.entity} is recorded before ${before.id}`);
      }
      last.set(one.orderKey, one);
    }
  }
}

/** Whether its sender knows that it was accepted. */
function isKnown({ effect, excuse }: Receipt): boolean {
  return effect === "accepted" && (excuse === "" || excuse === "alone");
}

function isState({ type }: Emitted): boolean {
  return ["CRITICAL", "WARNING", "RECOVERY"].includes(type);
}

/** Whether a receipt is of an event that the outbox has not, or has as another one. */
function isOver(excuse: string): boolean {
  return excuse === "restored" || excuse === "recorded anew";
}

/** The number in a request's text. */
export function numberOf(body: string): number {
  return Number(/"state_message":"(?:[^"]*\s)?(\d+)"/.exec(body)?.[1] ?? Number.NaN);
}
