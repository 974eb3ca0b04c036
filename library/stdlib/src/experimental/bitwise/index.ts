import { definePackage, flux } from "@tocsin/engine/interpret";

function moved(prefix: "s" | "u", word: string) {
  const kind = prefix === "s" ? "int" : "uint";
  const name = `${prefix}${word}`;
  return flux({
    name,
    type: word === "not" ? `(a: ${kind}) => ${kind}` : `(a: ${kind}, b: ${kind}) => ${kind}`,
    docs: `\`bitwise.${name}\` under its old name.`,
    source: `bitwise.${name}`,
  });
}

const words = ["and", "clear", "lshift", "not", "or", "rshift", "xor"];

export const packageDefinition = definePackage({
  path: "experimental/bitwise",
  docs: "The old place of `bitwise`.",
  imports: ["bitwise"],
  members: [...words.map((word) => moved("s", word)), ...words.map((word) => moved("u", word))],
});
