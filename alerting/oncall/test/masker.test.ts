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

test("a longer secret hides a shorter one inside it", () => {
  const made = new Masker();
  made.add("A", "abcdef");
  made.add("B", "abcdefgh");
  made.hide("literal-key");
  expect(made.mask("abcdefgh abcdef literal-key")).toBe("*** *** ***");
  expect(made.secrets.get("A")).toBe("abcdef");
});

test("a short secret is taken out as a whole word; words that hold it stay", () => {
  const made = new Masker();
  made.add("PIN", "1234");
  made.add("TEAM", "ops");
  expect(made.mask("pin 1234, 12345 x1234; /ops/?team=ops pages ops")).toBe(
    "pin ***, 12345 x1234; /***/?team=*** pages ops",
  );
});

test("a secret of one or two characters is taken out where it is a value, not where it is a word", () => {
  const made = new Masker();
  made.add("A", "a");
  made.add("B", "42");
  const message = "a row of a table has 42 columns: a time is a must";
  expect(made.mask(message)).toBe(message);
  expect(made.mask('GET /x/a/42?k=a&l=42 {"k":"a","l": "42"}')).toBe(
    'GET /x/***/***?k=***&l=*** {"k":"***","l": "***"}',
  );
  expect(made.mask("Authorization: Bearer a\nX-Key: 42\n42")).toBe(
    "Authorization: Bearer ***\nX-Key: ***\n***",
  );
  made.add("SLASH", "/");
  expect(made.mask("https://a.example/b")).toBe("https://a.example/b");
});

test("the beginning of a secret whose rest was left out is taken out, too", () => {
  const made = new Masker();
  made.add("KEY", "5f8e3c-api-key");
  expect(made.mask('holds "x5f8e3c-ap…", 5f8e3c … and 5f8e3... but 5f8…')).toBe(
    'holds "x***…", *** … and ***... but 5f8…',
  );
  expect(made.mask(`${JSON.stringify("5f8e3c-a")}… 5f8e3c-api-key`)).toBe('"***"… ***');
});

test("takes the key out of an address of On-Call, also where the slash before it is lost", () => {
  const path = "https://alert.victorops.com/integrations/generic/20131114/alert";
  const shown = (rest: string) => masker().mask(`to ${path}${rest}, twice`);
  expect(shown("/KEY/ops")).toBe(`to ${path}/${mask} twice`);
  expect(shown("KEY/ops")).toBe(`to ${path}${mask} twice`);
});
