import { invalid } from "@tocsin/data/value";
import { scalar } from "@tocsin/engine/interpret";

export const validateColorString = scalar({
  name: "validateColorString",
  type: "(color: string) => string",
  docs: "Gives `color` back when Slack knows it: `good`, `warning`, `danger`, or `#` and six hexadecimal digits.",
  example: `import "slack"
import "array"
array.from(rows: [{color: slack.validateColorString(color: "#ff0000")}])`,
  parameters: { color: "string" },
  result: "string",
  apply: (color: string) => {
    if (/^(?:good|warning|danger|#[0-9a-fA-F]{6})$/u.test(color)) return color;
    throw invalid(
      "could not parse color string",
      "write good, warning, danger, or a color such as #ff0000",
    );
  },
});
