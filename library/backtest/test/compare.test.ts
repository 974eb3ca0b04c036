import { type Backtest, compareBacktests, momentsOf, type Page } from "@tocsin/library/backtest";
import { monthDuration, nanosecondDuration, parseTime } from "@tocsin/data/value";
import { expect, test } from "vitest";

/** Pages written as `MINUTE ENTITY`. */
function pages(text: string): Page[] {
  return text.split(" | ").map((one) => {
    const [minute, entity] = one.split(" ");
    const at = Number(minute) * 60_000;
    const page = { messageType: "CRITICAL", incident: 1, opens: true, line: 1 };
    return { at, recordedAt: at, entity, ...page };
  });
}

function compared(before: string, after: string): string {
  const made = (text: string): Backtest => ({ pages: pages(text) }) as unknown as Backtest;
  const { same, gained, lost, moved } = compareBacktests(made(before), made(after));
  const shown = ({ at, entity }: Page): string => `${at / 60_000} ${entity}`;
  return [
    `${same} same`,
    ...gained.map((page) => `+ ${shown(page)}`),
    ...lost.map((page) => `- ${shown(page)}`),
    ...moved.map((one) => `~ ${shown(one.before)} to ${shown(one.after)}`),
  ].join("; ");
}

test("pages at the same moment are the same; others are gained, lost, or moved by at most an hour", () => {
  expect(compared("0 a | 10 b | 500 c", "0 a | 10 b | 500 c")).toBe("3 same");
  expect(compared("0 a | 100 a", "0 a | 105 a")).toBe("1 same; ~ 100 a to 105 a");
  expect(compared("0 a", "61 a")).toBe("0 same; + 61 a; - 0 a");
  expect(compared("0 a", "0 b")).toBe("0 same; + 0 b; - 0 a");
});

test("a page moves to the nearest one, and each only once", () => {
  expect(compared("0 a | 50 a", "45 a | 100 a")).toBe("0 same; + 100 a; - 0 a; ~ 50 a to 45 a");
  expect(compared("0 a", "5 a | 10 a")).toBe("0 same; + 10 a; ~ 0 a to 5 a");
});

test("moments are multiples since the epoch, from the first bound on and before the last", () => {
  const at = (text: string): bigint => parseTime(text) as bigint;
  const minute = 60_000_000_000n;
  const [from, to] = [at("2026-01-01T00:00:30Z"), at("2026-01-01T00:05:00Z")];
  expect(momentsOf(nanosecondDuration(minute), from, to)).toEqual(
    [1n, 2n, 3n, 4n].map((n) => at("2026-01-01T00:00:00Z") + n * minute),
  );
  expect(
    momentsOf(monthDuration(1n), at("2026-01-01T00:00:00Z"), at("2026-04-01T00:00:00Z")),
  ).toEqual(["01", "02", "03"].map((month) => at(`2026-${month}-01T00:00:00Z`)));
  expect(momentsOf(nanosecondDuration(0n), from, to)).toBeUndefined();
  const month = momentsOf(
    nanosecondDuration(minute),
    at("2026-01-01T00:00:00Z"),
    at("2026-01-31T00:00:00Z"),
  );
  expect(month).toHaveLength(43_200);
});
