import { HttpError, utf8 } from "@tocsin/platform/host";
import type { Answer } from "@tocsin/alerting/oncall";
import type { Reason } from "./delivery.ts";

/**
 * What an answer, or its absence, says: about the event (accepted, refused) or about the endpoint.
 */
export type Verdict = Accepted | Refused | Blocked | Retry;

interface Judged {
  /** HTTP status as text; "" when no answer came. */
  readonly status: string;
  /** What the service said, or what went wrong. May hold secrets: mask before showing. */
  readonly detail: string;
}
interface Accepted extends Judged {
  readonly kind: "accepted";
}
interface Refused extends Judged {
  readonly kind: "refused";
  readonly reason: "bad-request" | "too-large" | "failure-answer";
}
interface Blocked extends Judged {
  readonly kind: "blocked";
  readonly reason: Extract<
    Reason,
    | "redirect"
    | "unauthorised"
    | "not-found"
    | "method-not-allowed"
    | "gone"
    | "tls"
    | "no-such-host"
    | "invalid-url"
    | "html-answer"
    | "secret-missing"
  >;
}
interface Retry extends Judged {
  readonly kind: "retry";
  readonly reason: Extract<
    Reason,
    "rate-limited" | "server-error" | "timeout" | "network" | "truncated" | "interrupted"
  >;
  /** The other side may have processed the request. */
  readonly inDoubt: boolean;
}

const htmlPage = /^\ufeff?\s*<(?:!doctype\s+html|html|head|body|!--)/i;
const failureInText = /"result"\s*:\s*"failure"/i;
const shownCharacters = 300;

/** Judges a whole answer. Every status from 100 to 599 has its class. */
export function classify(answer: Pick<Answer, "status" | "body">): Verdict {
  const text = utf8.decode(answer.body);
  const status = String(answer.status);
  const code = answer.status;
  if (code >= 200 && code < 300) return successOrNot(status, text);
  const detail = serviceWords(text);
  const blocked = blockedReason(code);
  if (blocked !== undefined) return { kind: "blocked", reason: blocked, status, detail };
  if (code === 429)
    return { kind: "retry", reason: "rate-limited", status, detail, inDoubt: false };
  if (code === 413) return { kind: "refused", reason: "too-large", status, detail };
  if (code >= 400 && code < 500 && code !== 408 && code !== 425) {
    return { kind: "refused", reason: "bad-request", status, detail };
  }
  return { kind: "retry", reason: "server-error", status, detail, inDoubt: false };
}

function successOrNot(status: string, text: string): Verdict {
  if (htmlPage.test(text)) {
    // A login page or a proxy: whatever it is, it is not the service that pages people.
    return { kind: "blocked", reason: "html-answer", status, detail: "" };
  }
  if (!saysFailure(text)) return { kind: "accepted", status, detail: "" };
  return { kind: "refused", reason: "failure-answer", status, detail: serviceWords(text) };
}

function blockedReason(status: number): Blocked["reason"] | undefined {
  if (status >= 300 && status < 400) return "redirect";
  if (status === 404) return "not-found";
  if (status === 405) return "method-not-allowed";
  if (status === 410) return "gone";
  return [401, 402, 403, 407, 451].includes(status) ? "unauthorised" : undefined;
}

/** Judges an attempt that brought no whole answer. */
export function classifyFailure(error: HttpError): Verdict {
  const judged = { status: "", detail: error.message };
  switch (error.failure) {
    case "tls":
    case "no-such-host":
    case "invalid-url":
      return { kind: "blocked", reason: error.failure, ...judged };
    case "timeout":
    case "truncated":
      return { kind: "retry", reason: error.failure, inDoubt: error.maybeProcessed, ...judged };
    case "aborted":
      return { kind: "retry", reason: "interrupted", inDoubt: error.maybeProcessed, ...judged };
    case "refused":
    case "reset":
    case "dns":
    case "unreachable":
    case "other":
      return { kind: "retry", reason: "network", inDoubt: error.maybeProcessed, ...judged };
  }
}

/** An object with texts in which nothing is escaped, that begins so: it need not be parsed. */
const plainSuccess = /^\{"result":"success"(?:,"(?!result")[a-z_]+":"[^"\\]*")*\}\s*$/;

function saysFailure(text: string): boolean {
  if (plainSuccess.test(text)) return false;
  const fields = jsonObject(text);
  return fields === undefined
    ? failureInText.test(text)
    : textField(fields, "result") === "failure";
}

/** The `message` of a JSON answer, else the beginning of the text. */
function serviceWords(text: string): string {
  if (htmlPage.test(text)) return "";
  const fields = jsonObject(text);
  const words =
    fields === undefined
      ? text
      : (textField(fields, "message") ?? textField(fields, "messages") ?? text);
  // Control characters of an answer must not reach a terminal.
  const line = words.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line;
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
    return parsed as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function textField(fields: Record<string, unknown>, name: string): string | undefined {
  const value = fields[name];
  return typeof value === "string" ? value : undefined;
}
