import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fromReference, keysOf, showReference, toReference } from "../src/references.ts";

const key = "7f3a-secret/key+1 é";

test("a secret is replaced in each form that it has, and the newest value put in its place", () => {
  const secrets = new Map([["VO}KEY", key]]);
  const text = `${key}|${encodeURIComponent(key)}|${btoa("7f3a-secret/key+1 \u00c3\u00a9")}`;
  const stored = toReference(text, secrets);
  expect(stored).toBe("${raw:VO%7DKEY}|${uri:VO%7DKEY}|${base64:VO%7DKEY}");
  expect(keysOf(stored)).toEqual(["VO}KEY", "VO}KEY", "VO}KEY"]);
  expect(fromReference(stored, () => "a/b")).toBe("a/b|a%2Fb|YS9i");
  expect(fromReference(stored, () => undefined)).toBeUndefined();
  expect(showReference(stored)).toBe("${VO}KEY}|${VO}KEY}|${VO}KEY}");
});

test("also as json.encode and http.pathEscape write it", () => {
  const secrets = new Map([["K", "a&b<c>'(d)*!"]]);
  const body = '{"m":"a\\u0026b\\u003cc\\u003e\'(d)*!"}';
  const url = "http://h/alert/a&b%3Cc%3E%27%28d%29%2A%21/ops";
  expect(toReference(body, secrets)).toBe('{"m":"${html:K}"}');
  expect(toReference(url, secrets, "url")).toBe("http://h/alert/${path:K}/ops");
  expect(fromReference("${html:K} ${path:K}", () => "<x>'")).toBe("\\u003cx\\u003e' %3Cx%3E%27");
});

test("a text that looks like a reference stays what it is", () => {
  const text = "costs $5, ${raw:VO_KEY} and $${json:x}";
  const stored = toReference(text, new Map());
  expect(fromReference(stored, () => "LEAK")).toBe(text);
  expect(showReference(stored)).toBe(text);
  expect(keysOf(stored)).toEqual([]);
});

test("a short secret is replaced where it is a whole segment of a URL or a word of a header, never in a text", () => {
  const secrets = new Map([["TEAM", "ops"]]);
  const url = "https://ops.example/alert/KEY/ops?team=ops";
  expect(toReference(url, secrets, "url")).toBe(
    "https://ops.example/alert/KEY/${raw:TEAM}?team=${raw:TEAM}",
  );
  expect(toReference("Token ops", secrets, "header")).toBe("Token ${raw:TEAM}");
  expect(toReference("devops", secrets, "header")).toBe("devops");
  expect(toReference("ops", secrets)).toBe("ops");
});

test("law: what is stored gives back the text, and holds no secret", () => {
  const text = fc.string({ unit: "binary" }).map((one) => Buffer.from(one).toString());
  const secret = text.filter((one) => one.length >= 5 && !/[$%{}:]/.test(one));
  fc.assert(
    fc.property(text, secret, text, (before, value, after) => {
      const whole = `${before}${value}$${after}`;
      const stored = toReference(whole, new Map([["K", value]]));
      expect(fromReference(stored, () => value)).toBe(whole);
      expect(stored.replaceAll("$$", "$").includes(value)).toBe(false);
    }),
    { seed: 1 },
  );
});
