import { scalar } from "@tocsin/engine/interpret";
import { utf8 } from "@tocsin/platform/host";

const plain = /[A-Za-z0-9\-_.~$&+=:@]/u;

export const pathEscape = scalar({
  name: "pathEscape",
  type: "(inputString: string) => string",
  docs: "Escapes a text so that it can stand as one segment of a URL's path.",
  example: `import "http"
import "array"
array.from(rows: [{path: http.pathEscape(inputString: "a b/c")}])`,
  parameters: { inputString: "string" },
  result: "string",
  apply: (inputString: string) => escaped(inputString),
});

function escaped(text: string): string {
  let out = "";
  for (const byte of utf8.encode(text)) {
    const character = String.fromCharCode(byte);
    const keeps = byte < 128 && plain.test(character);
    out += keeps ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return out;
}
