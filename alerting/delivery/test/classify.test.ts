import { expect, test } from "vitest";
import { classify, classifyFailure, retryAfter } from "@tocsin/alerting/delivery";
import { HttpError, type HttpFailure, seeded, SimulatedClock, utf8 } from "@tocsin/platform/host";
import { admit, blocked, freshEndpoint, probeDue, quietUntil } from "../src/endpoint.ts";
import { changeOf } from "../src/landed.ts";
import { backoff, isDue } from "../src/retry.ts";
import { event } from "./store-conformance.ts";

function verdict(status: number, body = ""): string {
  const { kind, ...rest } = classify({ status, body: utf8.encode(body) });
  return "reason" in rest ? `${kind} ${rest.reason}` : kind;
}

test("every status from 100 to 599 has its class", () => {
  const named: Record<number, string> = {
    400: "refused bad-request",
    401: "blocked unauthorised",
    402: "blocked unauthorised",
    403: "blocked unauthorised",
    404: "blocked not-found",
    405: "blocked method-not-allowed",
    407: "blocked unauthorised",
    408: "retry server-error",
    410: "blocked gone",
    413: "refused too-large",
    422: "refused bad-request",
    425: "retry server-error",
    429: "retry rate-limited",
    451: "blocked unauthorised",
  };
  const byHundred = [
    "",
    "retry server-error",
    "accepted",
    "blocked redirect",
    "refused bad-request",
    "retry server-error",
  ];
  for (let status = 100; status <= 599; status++) {
    const wanted = named[status] ?? byHundred[Math.floor(status / 100)];
    expect(`${status} ${verdict(status)}`).toBe(`${status} ${wanted}`);
  }
});

test.each([
  ['{"result":"success","entity_id":"a"}', "accepted"],
  ["", "accepted"],
  ["OK", "accepted"],
  ['{"result":"failure","message":"x"}', "refused failure-answer"],
  ['{"result" : "failure"', "refused failure-answer"],
  ['{"result":"success","message":"\\"result\\":\\"failure\\""}', "accepted"],
  ['{"result":"success","result":"failure"}', "refused failure-answer"],
  ['{"result":"success","a":"b\\"","result":"failure"}', "refused failure-answer"],
  ['{"result":"success","a":{"result":"failure"}}', "accepted"],
  ["<!DOCTYPE html><title>Sign in", "blocked html-answer"],
  ["\ufeff \n<HTML>", "blocked html-answer"],
  ["<!-- x --><html>", "blocked html-answer"],
  ["<ok/>", "accepted"],
])("200 with %j is %s", (body, wanted) => {
  expect(verdict(200, body)).toBe(wanted);
});

test("no answer: a name that does not exist and bad TLS block, the rest is tried again", () => {
  const kinds: Record<HttpFailure, string> = {
    refused: "retry network",
    reset: "retry network",
    timeout: "retry timeout",
    "no-such-host": "blocked no-such-host",
    dns: "retry network",
    tls: "blocked tls",
    truncated: "retry truncated",
    unreachable: "retry network",
    "invalid-url": "blocked invalid-url",
    aborted: "retry interrupted",
    other: "retry network",
  };
  for (const [failure, wanted] of Object.entries(kinds)) {
    const judged = classifyFailure(new HttpError(failure as HttpFailure, "no answer", true));
    expect(`${judged.kind} ${"reason" in judged ? judged.reason : ""}`).toBe(wanted);
    expect(judged.status).toBe("");
  }
});

test("the service's words reach people without control characters, and cut", () => {
  const shouting = `\u001b[31m${"x".repeat(1000)}`;
  const judged = classify({ status: 500, body: utf8.encode(shouting) });
  expect(judged.detail).toBe(`[31m${"x".repeat(296)}…`);
});

test("waits are kept by whoever read the clock before another process wrote them; only a clock set back ends them", () => {
  const now = 1_700_000_000_000;
  const longest = 15 * 60_000;
  const quiet = { ...freshEndpoint("e"), quietUntil: now + longest, probeAt: now + 60_000 };
  for (const read of [now, now - 1, now - 10_000]) {
    expect(quietUntil(quiet, read)).toBe(now + longest);
    expect(probeDue(quiet, read)).toBe(now + 60_000);
    expect(isDue(now + longest, read)).toBe(false);
  }
  const back = now - 3_600_000;
  expect([quietUntil(quiet, back), probeDue(quiet, back)]).toEqual([0, back]);
  expect(isDue(now + longest, back)).toBe(true);
});

test("a probe that is answered well opens its endpoint, in the millisecond in which it began and before a busy store", async () => {
  const clock = new SimulatedClock(1_700_000_000_000_100_000n);
  const now = 1_700_000_000_000;
  const why = { reason: "not-found", status: "404", detail: "" } as const;
  const probing = admit(blocked(freshEndpoint("e"), why, now - 60_000), now);
  const known = { attempts: 1, failures: 0, since: now, inDoubt: false, lastStatus: "404" };
  const delivery = {
    ...event("CRITICAL:db"),
    ...known,
    ...why,
    id: "7",
    state: "sending",
  } as const;
  const well = classify({ status: 200, body: utf8.encode("{}") });
  const ended = { milliseconds: 0, retryAfter: undefined, verdict: well };
  const landed = { delivery, attempt: ended, claimedAt: now, monotonic: clock.monotonic() };
  // The verdict is written down a little later, in the same millisecond of the wall clock.
  await clock.advance(0.8);
  const { endpoint } = changeOf(landed, now, { clock, random: seeded(1) });
  // Others are at the store.
  await clock.advance(900);
  expect([probing?.state, probing && endpoint?.(probing).state]).toEqual(["probing", "open"]);
  // Or the disk is slow: it is the probe's answer all the same. That of another one is old by then.
  await clock.advance(9000);
  const other = changeOf({ ...landed, claimedAt: now - 1 }, now, { clock, random: seeded(1) });
  const states = [endpoint, other.endpoint].map((become) => probing && become?.(probing).state);
  expect(states).toEqual(["open", "probing"]);
});

test("Retry-After: seconds, HTTP's three dates, at most 15 minutes, nothing else", () => {
  const now = Date.UTC(1994, 10, 6, 8, 49, 30);
  const cases: [string | undefined, number | undefined][] = [
    ["7", 7000],
    [" 120 ", 120_000],
    ["0", 0],
    ["999999999999999999999", 900_000],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 7000],
    ["Sun Nov  6 08:49:37 1994", 7000],
    ["Sun, 06 Nov 1994 08:49:00 GMT", 0],
    ["Sun, 06 Nov 2094 08:49:00 GMT", 900_000],
    ["Sunday, 06-Nov-26 08:49:37 GMT", 900_000],
    ["-1", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["Sun, 06 Foo 1994 08:49:37 GMT", undefined],
    ["", undefined],
    [undefined, undefined],
  ];
  for (const [header, wanted] of cases)
    expect([header, retryAfter(header, now)]).toEqual([header, wanted]);
});

test("the backoff doubles from one second to five minutes, with full jitter", () => {
  const most = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 500].map((failures) =>
    backoff(failures, { next: () => 1 }),
  );
  expect(most).toEqual([
    1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000,
  ]);
  expect(backoff(9, { next: () => 0 })).toBe(0);
});
