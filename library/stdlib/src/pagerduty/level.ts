import { scalar } from "@tocsin/engine/interpret";

const severities: Readonly<Record<string, string>> = {
  warn: "warning",
  crit: "critical",
  info: "info",
  ok: "info",
};

const actionOf = (word: string): string => (word.toLowerCase() === "ok" ? "resolve" : "trigger");

export const severityFromLevel = scalar({
  name: "severityFromLevel",
  type: "(level: string) => string",
  docs: "PagerDuty's severity for a level: crit, warn, info and ok have one, all else is `error`.",
  example: `import "pagerduty"
import "array"
array.from(rows: [{severity: pagerduty.severityFromLevel(level: "crit")}])`,
  parameters: { level: "string" },
  result: "string",
  apply: (level: string) => {
    const word = level.toLowerCase();
    return Object.hasOwn(severities, word) ? severities[word] : "error";
  },
});

export const actionFromSeverity = scalar({
  name: "actionFromSeverity",
  type: "(severity: string) => string",
  docs: "`resolve` for `ok`, else `trigger`.",
  parameters: { severity: "string" },
  result: "string",
  apply: actionOf,
});

export const actionFromLevel = scalar({
  name: "actionFromLevel",
  type: "(level: string) => string",
  docs: "`resolve` for the level `ok`, else `trigger`.",
  parameters: { level: "string" },
  result: "string",
  apply: actionOf,
});
