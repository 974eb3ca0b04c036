import { scalar } from "@tocsin/engine/interpret";
import { utf8 } from "@tocsin/platform/host";
import { base64 } from "../json/base64.ts";

export const basicAuth = scalar({
  name: "basicAuth",
  type: "(u: string, p: string) => string",
  docs: "The value of an `Authorization` header for user `u` and password `p`.",
  example: `import "http"
import "array"
array.from(rows: [{header: http.basicAuth(u: "user", p: "password")}])`,
  parameters: { u: "string", p: "string" },
  result: "string",
  apply: (u: string, p: string) => `Basic ${base64(utf8.encode(`${u}:${p}`))}`,
});
