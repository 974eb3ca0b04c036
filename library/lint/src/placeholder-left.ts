import type { Expression } from "@tocsin/language/syntax";
import type { Lint } from "./lint.ts";

const placeholder = /<[a-z]+[_ -]?[a-z]*>|\$routing_key|\$api_key/iu;

/** `…/alert/<api_key>/<routing_key>`: what the documentation writes where the keys belong. */
export const placeholderLeft: Lint = {
  code: "E0302",
  look: (expression) => {
    const text = textOf(expression);
    const at = text.indexOf("/integrations/generic/");
    const found = at < 0 ? null : placeholder.exec(text.slice(at));
    if (found === null) return undefined;
    return {
      code: "E0302",
      severity: "error",
      span: expression.span,
      message: `the On-Call URL still holds \`${found[0]}\`, which stands for a key of yours`,
      hint:
        'keep keys out of scripts: `secrets.get(key: "VICTOROPS_API_KEY")`, and "${apiKey}" in the URL ' +
        '(import "influxdata/influxdb/secrets")',
    };
  },
};

function textOf(expression: Expression): string {
  if (expression.kind === "StringLiteral") return expression.value;
  if (expression.kind !== "StringExpression") return "";
  return expression.parts.map((part) => (part.kind === "TextPart" ? part.value : "")).join("");
}
