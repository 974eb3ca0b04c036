import type { Delivery, JournalEntry } from "@tocsin/alerting/delivery";
import type { Process } from "./time.ts";

/** An event that a run emitted. Its number is in its text. */
export interface Emitted {
  readonly number: number;
  readonly run: string;
  readonly entity: string;
  readonly type: string;
}

/** What the service did with a request that it fully received. */
export interface Receipt {
  readonly number: number;
  readonly at: number;
  readonly process: Process;
  readonly effect: "accepted" | "refused" | "nothing";
  /** Why its sender may have no verdict, or "" when the answer reached it. */
  excuse: string;
}

/** What everybody saw, each by itself: the runs, the service, the disk. */
export class Ledgers {
  readonly emitted = new Map<number, Emitted>();
  /** Handed over: the run was told that they are safe. */
  readonly acknowledged = new Set<number>();
  /** In the service's order. */
  readonly received: Receipt[] = [];
  /** Ids on disk by number. */
  readonly ids = new Map<number, string>();
  /** Numbers whose acceptance is on disk. */
  readonly committed = new Set<number>();
  /** Numbers that were sent without a mark. */
  readonly unmarked = new Set<number>();
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
    const { number, process, at } = receipt;
    const one = this.emitted.get(number);
    if (one === undefined) {
      this.violate("unexpected", `the service got ${number}, which no run emitted`);
      return;
    }
    // Without a mark, another process may send it at the same moment, with one.
    const known = this.unmarked.has(number) ? at - 100 : at;
    if ((this.committedAt.get(number) ?? Infinity) <= known) {
      this.violate("needless repeat", `${number} was accepted, that is on disk, and came again`);
    }
    for (const each of this.received) {
      if (each.number !== number || each.at > known) continue;
      // A disk that fails is no excuse, as long as the process lives that has read the answer.
      const troubled = each.process.absent(each.at - 16_000, each.at + 16_000);
      if (each.effect !== "accepted" || each.excuse !== "" || troubled) continue;
      this.violate("needless repeat", `${number} at ${at} by ${process.name}, answered ${each.at}`);
    }
    this.#inOrder(one);
    this.received.push(receipt);
  }
  /** The network brings a request that its process cannot call back: twice perhaps, but in order. */
  late(receipt: Receipt): void {
    const one = this.emitted.get(receipt.number);
    if (one === undefined) return this.violate("unexpected", `late ${receipt.number}`);
    this.#inOrder(one);
    this.received.push(receipt);
  }

  /** What a process sent without a mark is on disk now. */
  noted(by: Process): void {
    for (const receipt of this.received) {
      if (receipt.process === by && receipt.excuse === "unmarked") receipt.excuse = "";
    }
  }

  /** Never an older one of an entity after a newer one. */
  #inOrder(one: Emitted): void {
    const id = Number(this.ids.get(one.number) ?? Infinity);
    if (id === Infinity) this.violate("recorded first", `${one.number} was sent unrecorded`);
    if (one.entity === "") return;
    const letGo = this.letGo.has(one.number);
    for (const receipt of this.received) {
      const { number, excuse } = receipt;
      if (this.emitted.get(number)?.entity !== one.entity || excuse === "restored") continue;
      if (letGo && !this.#known(receipt)) continue;
      if (Number(this.ids.get(number)) <= id) continue;
      this.violate("order", `${one.number} of ${one.entity} came after ${number}`);
      return;
    }
  }

  /** Whether the outbox can know that the service has it: a power cut takes back that it was sent. */
  #known({ number, effect, process, at }: Receipt): boolean {
    const lost = process.troubled(at - 1000, at + 16_000) && !this.committed.has(number);
    return effect === "accepted" && !lost;
  }

  /** A power cut took writes back that were not synced; these are accepted still. */
  dropped(accepted: readonly Delivery[]): void {
    // Which of them were synced by a later one is not kept.
    this.steps.clear();
    const left = new Set(accepted.map((one) => numberOf(one.request.body)));
    for (const number of this.committed) {
      if (left.has(number)) continue;
      this.committed.delete(number);
      this.committedAt.delete(number);
    }
  }

  /** The disk is again as it was when these were on it: what came later never was. */
  restored(kept: ReadonlySet<number>): void {
    this.steps.clear();
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

  /** A transaction recorded these, which came in this order: of an entity, a later one has a later id. */
  recorded(deliveries: readonly Delivery[]): void {
    const last = new Map<string, Delivery>();
    for (const one of deliveries) {
      this.ids.set(numberOf(one.request.body), one.id);
      if (one.orderKey === "") continue;
      const before = last.get(one.orderKey);
      if (before !== undefined && Number(before.id) >= Number(one.id)) {
        this.violate("order", `${one.id} of ${one.entity} is recorded before ${before.id}`);
      }
      last.set(one.orderKey, one);
    }
  }
}

/** The number in a request's text. */
export function numberOf(body: string): number {
  return Number(/"state_message":"(?:[^"]*\s)?(\d+)"/.exec(body)?.[1] ?? Number.NaN);
}
