import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../../docs/shapes/", import.meta.url));

interface Field {
  readonly name: string;
  readonly kind: string;
  readonly optional: boolean;
}

/** The tables of docs/shapes by the heading above them. */
export const shapes: ReadonlyMap<string, readonly Field[]> = new Map(
  readdirSync(folder)
    .filter((name) => name !== "README.md")
    .flatMap((name) => sectionsOf(readFileSync(`${folder}${name}`, "utf8"))),
);

function sectionsOf(page: string): [string, Field[]][] {
  return page
    .split(/^## /mu)
    .slice(1)
    .map((section) => {
      const fields = [...section.matchAll(/^\| (`[^`]+`|…) \| ([^|]+?) \|/gmu)].map(
        ([, name, kind]) => ({
          name: name.replaceAll("`", ""),
          kind: kind.replace(/\?$/u, ""),
          optional: kind.endsWith("?"),
        }),
      );
      return [section.slice(0, section.indexOf("\n")), fields];
    });
}

/** In what a value is not of a shape; none when it is. `also` names a shape whose fields it has, too. */
export function unlike(value: unknown, shape: string, also?: string): string[] {
  const fields = [...(shapes.get(shape) ?? []), ...(shapes.get(also ?? "") ?? [])];
  if (fields.length === 0) return [`docs/shapes says nothing of ${shape}`];
  if (typeof value !== "object" || value === null) return [`${shape} is no object`];
  const open = fields.some(({ name }) => name === "…");
  const known = new Map(fields.map((field) => [field.name, field]));
  const given = Object.entries(value);
  return [
    ...fields
      .filter(({ name, optional }) => !optional && !Object.hasOwn(value, name))
      .map(({ name }) => `${shape} lacks ${name}`),
    ...given.flatMap(([name, one]) => {
      const field = known.get(name);
      if (field === undefined) return open ? [] : [`${shape} has ${name}, which its page lacks`];
      return ofKind(one, field.kind).map((why) => `${shape}.${name}: ${why}`);
    }),
  ];
}

function ofKind(value: unknown, kind: string): string[] {
  if (kind === "any") return [];
  const array = /^array of (.+)$/u.exec(kind);
  if (array !== null) {
    if (!Array.isArray(value)) return ["no array"];
    return value.flatMap((one) => ofKind(one, array[1]));
  }
  const words = kind.split(" or ");
  const fits = words.some((word) =>
    word.startsWith('"')
      ? word === JSON.stringify(value)
      : word === "null"
        ? value === null
        : typeof value === word && value !== null,
  );
  if (fits) return [];
  if (/^[A-Z]/u.test(kind)) return unlike(value, kind);
  return [`${JSON.stringify(value)} is not ${kind}`];
}
