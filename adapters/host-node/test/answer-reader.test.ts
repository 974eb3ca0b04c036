import fc from "fast-check";
import { expect, test } from "vitest";
import { AnswerReader, NotHttp, usualAnswer } from "../src/answer-reader.ts";

/** How many answers were usual ones. */
let usuals = 0;

/** What is read when the text comes in these pieces, and the connection then ends. */
function readIn(pieces: readonly string[], limit = 1000) {
  const reader = new AnswerReader(limit);
  let whole = false;
  try {
    for (const piece of pieces) whole = reader.push(Buffer.from(piece, "latin1")) || whole;
  } catch (error) {
    if (error instanceof NotHttp) return error.code;
    throw error;
  }
  const ended = reader.end();
  const { head, body, persists } = reader;
  // Had it come at once, and the same head just before.
  const usual = usualAnswer(Buffer.from(pieces.join(""), "latin1"), limit);
  if (usual !== undefined) {
    expect([usual.head, usual.body.toString("latin1"), usual.persists, whole]).toEqual([
      head,
      body.toString("latin1"),
      persists,
      true,
    ]);
    usuals += 1;
  }
  return { status: head?.status, body: body.toString("latin1"), whole, ended, persists };
}

const read = (text: string, limit?: number) => readIn([text], limit);
const ok = (fields: string, body: string, version = "1.1"): string =>
  `HTTP/${version} 200 OK\r\n${fields}\r\n${body}`;
const chunked = "Transfer-Encoding: chunked\r\n";

test("reads an answer to its end, and says whether another may follow", () => {
  const given = { status: 200, body: "abc", whole: true, ended: true, persists: true };
  const last = { ...given, persists: false };
  expect(read(ok("Content-Length: 3\r\n", "abc"))).toEqual(given);
  expect(read(ok("content-length:3 \r\ncontent-length: 3\r\n", "abc"))).toEqual(given);
  expect(read(ok("Connection: x, Close\r\nContent-Length: 3\r\n", "abc"))).toEqual(last);
  expect(read(ok("Content-Length: 3\r\n", "abc", "1.0"))).toEqual(last);
  expect(read(ok("Connection: keep-alive\r\nContent-Length: 3\r\n", "abc", "1.0"))).toEqual(given);
  expect(read(ok("Content-Length: 3\r\n", "abcHTTP/1.1 200 OK\r\n"))).toEqual(last);
  expect(read(ok(chunked, "2;x=y\r\nab\r\n1\r\nc\r\n0\r\nA: b\r\n\r\n"))).toEqual(given);
  expect(read(ok(`Content-Length: 9\r\n${chunked}`, "3\r\nabc\r\n0\r\n\r\n"))).toEqual(last);
  expect(read(ok("", "abc"))).toEqual({ ...last, whole: false });
  expect(read(ok("Content-Length: 3\r\n", "ab"))).toMatchObject({ whole: false, ended: false });
  expect(read(ok(chunked, "3\r\nabc\r\n"))).toMatchObject({ whole: false, ended: false });
  expect(read(ok("Content-Length: 9\r\n", "abcdefghi"), 3)).toEqual(given);
});

test("what comes before the answer is no answer, and some have no body", () => {
  const early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  const rest = { body: "", whole: true, ended: true, persists: true };
  expect(read(`HTTP/1.1 100 Continue\r\n\r\n${early}HTTP/1.1 204 No Content\r\n\r\n`)).toEqual({
    status: 204,
    ...rest,
  });
  expect(read("HTTP/1.1 304 \r\nContent-Length: 7\r\n\r\n")).toEqual({ status: 304, ...rest });
});

test("headers: names in lower case, values joined, the first of those that must be single", () => {
  const reader = new AnswerReader(0);
  const fields = "Set-Cookie: a=1\r\nset-cookie: b=2\r\nRetry-After: 3\r\nRETRY-AFTER: 4\r\nX:\r\n";
  reader.push(Buffer.from(ok(`${fields}Content-Length: 0\r\n`, "")));
  expect(reader.head?.headers).toEqual({
    "set-cookie": "a=1, b=2",
    "retry-after": "3",
    x: "",
    "content-length": "0",
  });
});

test("what is not to the letter is no HTTP", () => {
  const cases: [string, string][] = [
    ["220 mail.example ESMTP\r\n", "HPE_INVALID_CONSTANT"],
    ["HTTP/2 200 OK\r\n\r\n", "HPE_INVALID_STATUS"],
    ["HTTP/1.1 20 OK\r\n\r\n", "HPE_INVALID_STATUS"],
    ["HTTP/1.1 101 Switching\r\n\r\n", "HPE_UNEXPECTED_UPGRADE"],
    [ok("A : b\r\n", ""), "HPE_INVALID_HEADER"],
    [ok("A: b\r\n folded\r\n", ""), "HPE_INVALID_HEADER"],
    [ok("A: b\nC: d\r\n", ""), "HPE_INVALID_HEADER"],
    [ok("A: \0\r\n", ""), "HPE_INVALID_HEADER"],
    [ok("Content-Length: -1\r\n", ""), "HPE_INVALID_CONTENT_LENGTH"],
    [ok("Content-Length: 1, 2\r\n", ""), "HPE_INVALID_CONTENT_LENGTH"],
    [ok("Content-Length: 1\r\nContent-Length: 2\r\n", ""), "HPE_UNEXPECTED_CONTENT_LENGTH"],
    [ok(chunked, "x\r\n"), "HPE_INVALID_CHUNK_SIZE"],
    [ok(chunked, "1\r\nabc\r\n"), "HPE_STRICT"],
    [ok(`A: ${"b".repeat(20_000)}`, ""), "HPE_HEADER_OVERFLOW"],
    [ok(chunked, `1;${"b".repeat(5000)}`), "HPE_LINE_OVERFLOW"],
  ];
  for (const [text, code] of cases)
    expect([text.slice(0, 60), read(text)]).toEqual([text.slice(0, 60), code]);
});

test("the pieces in which an answer comes change nothing", () => {
  const answers = [
    ok("Content-Length: 11\r\nDate: x\r\n", "hello world"),
    ok(chunked, "5\r\nhello\r\n6;a\r\n world\r\n0\r\nT: u\r\n\r\n"),
    `HTTP/1.1 100 Continue\r\n\r\n${ok("", "until it ends")}`,
    ok("A : b\r\n", ""),
    ok(chunked, "5\r\nhelloworld"),
  ];
  const cuts = fc.array(fc.nat(120), { maxLength: 12 });
  fc.assert(
    fc.property(fc.constantFrom(...answers), cuts, (answer, places) => {
      const at = [0, ...places.filter((one) => one < answer.length), answer.length];
      const sorted = at.toSorted((a, b) => a - b);
      const pieces = sorted.slice(1).map((end, index) => answer.slice(sorted[index], end));
      expect(readIn(pieces)).toEqual(read(answer));
    }),
  );
});

test("a usual answer is read as any other", () => {
  const bodies = [
    "",
    "hello world",
    "5\r\nhello\r\n0\r\n\r\n",
    "1F\r\n0123456789012345678901234567890\r\n0\r\n\r\n",
    "0005\r\nhello\r\n0\r\n\r\n",
    "00005\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n",
    "5\r\nhello\r\n0\r\nA: b\r\n\r\n",
    "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
    "5;a\r\nhello\r\n0\r\n\r\n",
    "0\r\n\r\n",
    "5\r\nhello",
    `400\r\n${"x".repeat(1024)}\r\n0\r\n\r\n`,
    `401\r\n${"x".repeat(1025)}\r\n0\r\n\r\n`,
  ];
  const heads = [
    "Content-Length: 11\r\n",
    "Content-Length: 0\r\n",
    `Content-Length: 11\r\n${chunked}`,
    `Connection: close\r\n${chunked}`,
    chunked,
    "",
  ];
  usuals = 0;
  for (const head of heads)
    for (const body of bodies)
      for (const limit of [2000, 4]) expect(read(ok(head, body), limit)).toBeDefined();
  expect(usuals).toBeGreaterThan(10);
});
