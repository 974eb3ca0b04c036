import { expect, test } from "vitest";
import { withoutKeys } from "../src/without-keys.ts";
import { Desk } from "./terminal.ts";

const stars = (text: string, secret: string): string =>
  text.replace(secret, "*".repeat(secret.length));

test.each([
  [
    'u = "https://alert.victorops.com/integrations/generic/20131114/alert/KEY-9d2f/ops"',
    "KEY-9d2f",
  ],
  ['apiKey = "ce6b1f9c-aaaa"', "ce6b1f9c-aaaa"],
  ['from(bucket: "b", host: "http://h", token: "s3cr3t")', "s3cr3t"],
  ['headers: {"X-Api-Key": "abc def", a: "b"}', "abc def"],
  ['h = {Authorization: "Token abc.def"}', "Token abc.def"],
  ['x = "Bearer abc.def-1" + 1', "abc.def-1"],
  ['x = "https://me:pa55@h/x"', "pa55"],
  ['x = "https://h/x?q=1&access_token=a%20b&z=1"', "a%20b"],
  ['page = "6f7e1c1e-08a5-4f0e-9f1b-2d3c4b5a6978"', "6f7e1c1e-08a5-4f0e-9f1b-2d3c4b5a6978"],
  [
    't = "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0_-xYz=="',
    "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0_-xYz==",
  ],
  ['h = {Authorization: "Token abcdef${rest}"}', "Token abcdef${rest}"],
  ['password = "never closed', "never closed"],
])("%s: the secret is hidden, at its length", (line, secret) => {
  expect(withoutKeys(line)).toBe(stars(line, secret));
});

test.each([
  'key = secrets.get(key: "VICTOROPS_API_KEY")',
  'u = "https://alert.victorops.com/integrations/generic/20131114/alert/${apiKey}/ops"',
  'u = "https://alert.victorops.com/integrations/generic/20131114/alert/<api_key>/ops"',
  'token = "<your token>"',
  'token = ""',
  'h = {Authorization: "Bearer ${token}"}',
  'pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")',
  'filter(fn: (r) => r.tokens == "many" and r.passwordAge > 3)',
  'x = "a_long_name_of_a_measurement_with_many_words_and_nothing_secret"',
  "|> range(start: 2026-01-01T00:00:00.000000000Z, stop: 2026-01-02T00:00:00.000000000Z)",
])("%s is shown as it is", (line) => {
  expect(withoutKeys(line)).toBe(line);
});

test.each(["-", "a-", "token", '"', "?", "://"])(
  "a line of %s over and over is looked at once",
  (part) => {
    const line = part.repeat(200_000);
    expect(withoutKeys(line)).toBe(line);
  },
);

test("an error that a run meets shows its line without the keys in it", async () => {
  const desk = new Desk();
  desk.file("a.flux", 'x = {token: "not-a-number", n: int(v: "abc")}\n');
  desk.file("b.flux", 'f = (token) => 1\nf(token: "not-a-number") + "a"\n');
  for (const name of ["a.flux", "b.flux"]) {
    const { code, err } = await desk.run("run", name);
    expect([code, err]).toEqual([1, expect.stringContaining('token: "************"')]);
    expect(err).toContain(" │ ");
  }
});
