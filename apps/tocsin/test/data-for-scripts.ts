import { OverlayBuckets } from "@tocsin/adapters/buckets";
import { recordingDeliveries } from "@tocsin/alerting/oncall";
import type { Program } from "@tocsin/engine/interpret";
import type {
  BucketRead,
  Buckets,
  Point,
  StorageComparison,
  StoragePredicate,
} from "@tocsin/engine/plan";
import { runProgram } from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { memoryHost, seeded } from "@tocsin/platform/host";

/** Ways through the `or`s of a condition that are looked at. */
const WAYS_MAX = 6;
const minute = 60_000_000_000n;

/**
 * Fills buckets with points that a script finds: for each of its reads, series that its condition lets
 * through, with low and high values over the range. Reads that come only when there are rows are seen
 * in a second run.
 */
export async function fillFor(
  program: Program,
  buckets: Buckets,
  options: { readonly now: bigint; readonly seed: number },
): Promise<void> {
  const { now, seed } = options;
  const tags = tagsIn(program.file.text);
  const random = seeded(seed);
  const known = new Set<string>();
  for (let round = 0; round < 2; round++) {
    const overlay = new OverlayBuckets(buckets);
    const reads: BucketRead[] = [];
    const environment = {
      host: memoryHost({ secrets: { get: async (key) => `secret-of-${key}` } }),
      library: standardLibrary,
      buckets: watched(overlay, reads),
      deliveries: recordingDeliveries(),
      now,
    };
    await runProgram(program, environment, { push: () => undefined, finish: () => undefined });
    for (const { bucket, start, stop, predicate } of reads) {
      const ways = predicate === undefined ? [[]] : waysOf(predicate).slice(0, WAYS_MAX);
      const name = bucket + JSON.stringify(ways, (_key, one: unknown) => textual(one));
      if (known.has(name)) continue;
      known.add(name);
      const making = { range: { start, stop }, tags, next: () => random.next() };
      // What a bucket refuses (a field of another type) is not there for either run.
      await buckets
        .write(
          bucket,
          ways.flatMap((way) => pointsOf(way, making)),
        )
        .catch(() => undefined);
    }
  }
}

function textual(one: unknown): unknown {
  return typeof one === "bigint" ? `${one}n` : one;
}

/** Buckets that note what is asked of them. */
function watched(buckets: Buckets, reads: BucketRead[]): Buckets {
  return {
    read: (request, signal) => {
      reads.push(request);
      return buckets.read(request, signal);
    },
    pushes: (bucket) => buckets.pushes(bucket),
    write: (bucket, points) => buckets.write(bucket, points),
    list: () => buckets.list(),
  };
}

/** Tags that the script reads of its rows. */
function tagsIn(text: string): string[] {
  const read = [...text.matchAll(/\br\.([a-z]\w*)/gu)].map(([, name]) => name);
  return [...new Set(read)].sort();
}

/** Each way to fulfil a condition: comparisons that hold together. */
function waysOf(predicate: StoragePredicate): StorageComparison[][] {
  switch (predicate.kind) {
    case "or":
      return [...waysOf(predicate.left), ...waysOf(predicate.right)];
    case "and":
      return waysOf(predicate.left).flatMap((left) =>
        waysOf(predicate.right).map((right) => [...left, ...right]),
      );
    case "exists":
      return [[]];
    case "comparison":
      return [[predicate]];
  }
}

interface Making {
  readonly range: { readonly start: bigint; readonly stop: bigint };
  readonly tags: readonly string[];
  readonly next: () => number;
}

function pointsOf(way: readonly StorageComparison[], { range, tags, next }: Making): Point[] {
  const wanted = (column: string): string | undefined => {
    const one = way.find((each) => each.column === column && each.operator === "==");
    return one?.literal.kind === "string" ? String(one.literal.value) : undefined;
  };
  const kind = way.find(({ column }) => column === "_value")?.literal.kind ?? "float";
  const span = range.stop - range.start;
  const step = span / 12n < minute ? span / 12n : minute;
  return [1, 2, 3].flatMap((series) => {
    const named = new Set([...tags, ...way.map(({ column }) => column)]);
    const pairs = [...named]
      .filter((name) => !name.startsWith("_"))
      .map((name) => [name, wanted(name) ?? `${name}-${series}`] as const);
    return Array.from({ length: 10 }, (_, n): Point => ({
      measurement: wanted("_measurement") ?? "made",
      tags: pairs,
      fields: [[wanted("_field") ?? "value", ...valueOf(kind, next())]],
      time: range.stop - BigInt(n + 1) * (step > 0n ? step : 1n),
    }));
  });
}

function valueOf(
  kind: StorageComparison["literal"]["kind"],
  chance: number,
): [kind: Point["fields"][number][1], value: Point["fields"][number][2]] {
  switch (kind) {
    case "int":
      return ["int", BigInt(Math.floor(chance * 120))];
    case "bool":
      return ["bool", chance > 0.5];
    case "string":
    case "regexp":
      return ["string", chance > 0.5 ? "down" : "up"];
    default:
      return ["float", Math.round(chance * 12_000) / 100];
  }
}
