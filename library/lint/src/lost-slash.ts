import type { Lint } from "./lint.ts";

/** `…/alert${apiKey}/${routingKey}`: the slash between the path and the key is lost. */
export const lostSlash: Lint = {
  code: "E0301",
  look: (expression) => {
    if (expression.kind !== "StringExpression") return undefined;
    for (let i = 0; i + 1 < expression.parts.length; i++) {
      const text = expression.parts[i];
      const next = expression.parts[i + 1];
      if (text.kind !== "TextPart" || next.kind !== "InterpolatedPart") continue;
      if (!/\/integrations\/generic\/\d+\/alert$/u.test(text.value)) continue;
      const at = next.span.start;
      return {
        code: "E0301",
        severity: "error",
        span: next.span,
        message: "the On-Call URL lost the `/` between `alert` and the integration key",
        hint: "write `/alert/${…}`: with the key glued to it, the path does not exist and every event is answered 404",
        fix: {
          description: "put the slash in",
          edits: [{ span: { start: at, end: at }, text: "/" }],
        },
      };
    }
    return undefined;
  },
};
