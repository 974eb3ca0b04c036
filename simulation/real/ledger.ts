/** An event as it is told apart from others in a ledger: which entity, and what was said of it. */
export interface Line {
  readonly entity: string;
  readonly said: string;
}

/** What two ledgers say of each other. */
export interface Comparison {
  /** Emitted, and never received. Must be empty. */
  readonly lost: readonly Line[];
  /** Received, and never emitted. Must be empty. */
  readonly unexpected: readonly Line[];
  /** Received once more than emitted: a lost answer makes that necessary. */
  readonly repeated: number;
  /**
   * Entities whose events arrived in another order than they were emitted in, or of which an older one
   * was repeated after a newer one. Must be empty.
   */
  readonly disordered: readonly string[];
  /** Repeats after a newer event of the entity that no sender could call back. */
  readonly late: number;
}

/**
 * Compares what should have been sent with what arrived, both in their order. `underway`: whether a
 * process was killed while its request for the line may have been on its way. The network may bring
 * such a request after the one that was sent in its place, and after newer ones: that is `late`.
 */
export function compare(
  emitted: readonly Line[],
  received: readonly Line[],
  underway: (line: Line) => boolean = () => false,
): Comparison {
  const left = counts(emitted);
  let repeated = 0;
  let late = 0;
  const unexpected: Line[] = [];
  const first: Line[] = [];
  const last = new Map<string, string>();
  const stale = new Set<string>();
  const known = new Set(emitted.map(keyOf));
  for (const line of received) {
    const key = keyOf(line);
    const count = left.get(key) ?? 0;
    if (count > 0) {
      left.set(key, count - 1);
      first.push(line);
    } else if (known.has(key)) {
      repeated += 1;
      if (line.entity === "" || last.get(line.entity) === key) continue;
      if (underway(line)) late += 1;
      else stale.add(line.entity);
      continue;
    } else unexpected.push(line);
    last.set(line.entity, key);
  }
  const lost = emitted.filter((line) => {
    const count = left.get(keyOf(line)) ?? 0;
    left.set(keyOf(line), Math.max(0, count - 1));
    return count > 0;
  });
  const disordered = new Set([...disorder(emitted, first, new Set(lost)), ...stale]);
  return { lost, unexpected, repeated, disordered: [...disordered], late };
}

function disorder(
  emitted: readonly Line[],
  first: readonly Line[],
  lost: ReadonlySet<Line>,
): string[] {
  const of = (lines: readonly Line[], entity: string) =>
    lines.filter((line) => line.entity === entity).map((line) => line.said);
  const arrived = emitted.filter((line) => !lost.has(line));
  const entities = [...new Set(emitted.map((line) => line.entity))].filter((one) => one !== "");
  return entities.filter(
    (entity) => JSON.stringify(of(arrived, entity)) !== JSON.stringify(of(first, entity)),
  );
}

function counts(lines: readonly Line[]): Map<string, number> {
  const counted = new Map<string, number>();
  for (const line of lines) counted.set(keyOf(line), (counted.get(keyOf(line)) ?? 0) + 1);
  return counted;
}

function keyOf({ entity, said }: Line): string {
  return JSON.stringify([entity, said]);
}

/** A request's body as a line: what it is about, and its message. */
export function lineOf(body: unknown): Line {
  const { entity_id, state_message } = Object(body);
  return { entity: String(entity_id ?? ""), said: String(state_message) };
}
