import { expect, test } from "vitest";
import { mask, Masker } from "@tocsin/alerting/oncall";

const secret = 'p@ss/"word"<+é';

function masker(): Masker {
  const made = new Masker();
  made.add("VO_KEY", secret);
  return made;
}

test("takes a secret out as it is, URL-encoded, in JSON and in base64", () => {
  const shown = [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(secret).toLowerCase().replace("%c3%a9", "%c3%a9"),
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(secret).slice(1, -1).replace("<", "\\u003c"),
  ];
  for (const one of shown) expect(masker().mask(`a ${one} b`)).toBe(`a ${mask} b`);
});

test("takes a secret out of base64 at each of the three places it can have there", () => {
  for (const before of ["", "x", "xy", "user:"]) {
    const text = Buffer.from(`${before}${secret}${before}`).toString("base64");
    const masked = masker().mask(text);
    expect(masked).toContain(mask);
    const left = Buffer.from(masked.replace(mask, ""), "base64").toString("latin1");
    expect(left).not.toContain("word");
  }
});

test("the part of an On-Call URL after /alert/ is always taken out", () => {
  const url = "https://alert.victorops.com/integrations/generic/20131114/alert/KEY/ops";
  expect(new Masker().mask(`"${url}" failed`)).toBe(
    '"https://alert.victorops.com/integrations/generic/20131114/alert/***" failed',
  );
});

test("a longer secret hides a shorter one inside it; words are no secrets", () => {
  const made = new Masker();
  made.add("A", "abcdef");
  made.add("B", "abcdefgh");
  made.add("TEAM", "ops");
  made.hide("literal-key");
  expect(made.mask("abcdefgh abcdef ops literal-key")).toBe("*** *** ops ***");
  expect(made.secrets.get("TEAM")).toBe("ops");
});
