import type { StatementSync } from "node:sqlite";
import {
  type CensusRow,
  type Delivery,
  type DeliveryState,
  type FallbackMark,
  isPage,
  type JournalEntry,
  type LateFilter,
} from "@tocsin/alerting/delivery";
import { deliveryOf, rare, whole } from "./rows.ts";
import { setMeta } from "./writes.ts";

const unsettled = (
  where: string,
) => `SELECT integration, state, count(*) AS n, min(recorded_at) AS oldest,
    count(DISTINCT order_hash) AS entities FROM delivery CROSS JOIN event USING (id)
  WHERE ${where} GROUP BY integration, state`;

const byId = `${whole} WHERE id = ?`;

/** The lanes of queued events, from one to the next by the index: lanes are few, queued events may be many. */
const lanesInUse = `WITH RECURSIVE lanes (lane) AS (SELECT min(lane) FROM delivery WHERE queued = 1
    UNION ALL SELECT (SELECT min(lane) FROM delivery WHERE queued = 1 AND lane > lanes.lane) FROM lanes
    WHERE lane IS NOT NULL)
  SELECT lane FROM lanes WHERE lane IS NOT NULL`;
/** The urgent events of a lane, in the order of the index `delivery_open`: only the first ones are read. */
const urgentAndOld = `SELECT id FROM delivery WHERE lane = ?3
    AND queued = 1 AND (urgency <= recorded_at) = 1 AND recorded_at < ?1
    AND (?2 IS NULL OR fallback IS NULL OR (fallback <> 'sent' AND fallback_at < ?2))
  ORDER BY recorded_at, id`;

/** Late events, the marks of their fallbacks, and counters. Call its methods in a transaction. */
export class SqliteWatch {
  readonly #statement: (sql: string) => StatementSync;

  constructor(statement: (sql: string) => StatementSync) {
    this.#statement = statement;
  }

  late(filter: LateFilter): Delivery[] {
    const lanes = this.#statement(lanesInUse).all();
    return lanes
      .flatMap(({ lane }) => this.#lateOf(Number(lane), filter))
      .toSorted((a, b) => a.recordedAt - b.recordedAt || Number(a.id) - Number(b.id))
      .slice(0, filter.limit);
  }
  #lateOf(lane: number, { before, untriedSince, limit }: LateFilter): Delivery[] {
    const found: Delivery[] = [];
    for (const { id } of this.#statement(urgentAndOld).iterate(
      before,
      untriedSince ?? null,
      lane,
    )) {
      // A note may be here because a page stands behind it.
      const one = deliveryOf(this.#statement(byId).get(Number(id)) ?? {});
      if (isPage(one)) found.push(one);
      if (found.length >= limit) break;
    }
    return found;
  }
  /** Marks an event's fallback. Returns the line of history to write; undefined: another process was faster. */
  marked({ id, expect, next, detail, status }: FallbackMark): JournalEntry | undefined {
    const { changes } = this.#statement(
      `UPDATE delivery SET fallback = ?, fallback_at = ?
       WHERE id = ? AND fallback IS ? AND fallback_at IS ?`,
    ).run(next.state, next.at, Number(id), expect?.state ?? null, expect?.at ?? null);
    if (changes !== 1) return undefined;
    const row = this.#statement("SELECT state, attempts FROM delivery WHERE id = ?").get(
      Number(id),
    );
    const state = String(row?.["state"]) as DeliveryState;
    const attempt = Number(row?.["attempts"]);
    return { deliveryId: id, at: next.at, attempt, state, reason: "fallback", status, detail };
  }

  count(increments: ReadonlyMap<string, number>): Map<string, number> {
    const add = `INSERT INTO meta VALUES ('count ' || ?1, ?2)
      ON CONFLICT (key) DO UPDATE SET value = value + ?2`;
    for (const [name, by] of increments) this.#statement(add).run(name, by);
    const all = "SELECT substr(key, 7) AS name, value FROM meta WHERE key GLOB 'count *'";
    const rows = this.#statement(all).all();
    return new Map(rows.map((row) => [String(row["name"]), Number(row["value"])]));
  }
  touch(now: number): void {
    this.#statement(setMeta).run("touched", now);
  }
  census(): CensusRow[] {
    const rows = this.#statement(
      `${unsettled("queued = 1")} UNION ALL ${unsettled(`${rare} AND state IN ('held', 'parked')`)}`,
    ).all();
    return rows.map((row) => ({
      integration: String(row["integration"]),
      state: String(row["state"]) as DeliveryState,
      count: Number(row["n"]),
      oldest: Number(row["oldest"]),
      entities: Number(row["entities"]),
    }));
  }
}
