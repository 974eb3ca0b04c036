import type { Dice } from "./dice.ts";
import { type Kind, labelsOf, type Shape } from "./shape.ts";

/** A constant of a kind. */
export function constant(dice: Dice, kind: Kind): string {
  switch (kind) {
    case "float":
      return dice.one(["0.0", "1.0", "2.5", "-1.0", "10.0", "99.9"]);
    case "int":
      return dice.one(["0", "1", "2", "-1", "10", "100"]);
    case "uint":
      return dice.one(["uint(v: 0)", "uint(v: 2)", "uint(v: 10)"]);
    case "string":
      return dice.one(['"a"', '"b"', '"h1"', '"r0"', '"Abc"', '""']);
    case "bool":
      return dice.one(["true", "false"]);
    case "time":
      return dice.one(["2026-01-31T00:05:00Z", "2026-01-31T01:00:00Z", "2026-01-31T00:00:30Z"]);
  }
}

/** An expression of a kind over the row `r`. `depth`: how many operators deep at most. */
export function expression(dice: Dice, shape: Shape, kind: Kind, depth = 2): string {
  const labels = labelsOf(shape, [kind], { keys: true });
  if (depth === 0 || dice.chance(0.25)) {
    return labels.length > 0 && dice.chance(0.75) ? `r.${dice.one(labels)}` : constant(dice, kind);
  }
  const sub = (of: Kind): string => expression(dice, shape, of, depth - 1);
  if (dice.chance(0.15)) return `(if ${condition(dice, shape, 1)} then ${sub(kind)} else ${sub(kind)})`;
  switch (kind) {
    case "float":
      return dice.one([
        () => `(${sub("float")} ${dice.one(["+", "-", "*", "/"])} ${sub("float")})`,
        () => `float(v: ${sub("int")})`,
        () => `math.abs(x: ${sub("float")})`,
        () => `math.floor(x: ${sub("float")})`,
      ])();
    case "int":
      return dice.one([
        () => `(${sub("int")} ${dice.one(["+", "-", "*"])} ${sub("int")})`,
        () => `(${sub("int")} % 7)`,
        () => `strings.strlen(v: ${sub("string")})`,
        () => `int(v: ${sub("bool")})`,
      ])();
    case "uint":
      return `(${sub("uint")} + ${sub("uint")})`;
    case "string":
      return dice.one([
        () => `(${sub("string")} + ${sub("string")})`,
        () => `strings.toUpper(v: ${sub("string")})`,
        () => `string(v: ${sub("int")})`,
        () => `strings.replaceAll(v: ${sub("string")}, t: "a", u: "-")`,
      ])();
    case "bool":
      return `(${condition(dice, shape, depth - 1)})`;
    case "time":
      return labels.length > 0 ? `r.${dice.one(labels)}` : constant(dice, "time");
  }
}

/** A condition over the row `r`. */
export function condition(dice: Dice, shape: Shape, depth = 2): string {
  if (depth > 0 && dice.chance(0.4)) {
    const sides = [condition(dice, shape, depth - 1), condition(dice, shape, depth - 1)];
    return dice.chance(0.2) ? `not (${sides[0]})` : `(${sides.join(dice.one([" and ", " or "]))})`;
  }
  const [label, kind] = dice.one([...shape.columns]);
  return dice.one([
    () => `exists r.${label}`,
    () => comparison(dice, label, kind),
    () => comparison(dice, label, kind),
    () => (kind === "string" ? `r.${label} =~ /^[ah]/` : comparison(dice, label, kind)),
  ])();
}

function comparison(dice: Dice, label: string, kind: Kind): string {
  if (kind === "bool") return dice.chance(0.5) ? `r.${label}` : `r.${label} == true`;
  return `r.${label} ${dice.one(["==", "!=", "<", "<=", ">", ">="])} ${constant(dice, kind)}`;
}
