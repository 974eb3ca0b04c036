import { definePackage, flux } from "@tocsin/engine/interpret";

const from = flux({
  name: "from",
  type: "(url: string) => stream[A] where A: Record",
  docs: "Tables from annotated CSV that a GET request to `url` answers.",
  source: `(url) => c.from(csv: string(v: http.get(url: url).body))`,
});

export const packageDefinition = definePackage({
  path: "experimental/csv",
  docs: "Reads annotated CSV over HTTP.",
  imports: ["c csv", "experimental/http"],
  members: [from],
});
