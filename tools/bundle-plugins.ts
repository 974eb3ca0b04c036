import type { Plugin } from "rolldown";

/**
 * Turns JSON into text that is parsed at run time, which V8 does in a third of the time of an object literal. The types of
 * the library are parsed package by package, because a script imports few of its 76.
 */
export const parsedJson: Plugin = {
  name: "parsed-json",
  transform: {
    filter: { id: /\.json$/u },
    handler: (code, id) => {
      const value: unknown = JSON.parse(code);
      const text = id.endsWith("/signatures.json") ? byPackage(value as Signed) : parsed(value);
      return { code: `export default ${text};`, moduleType: "js" };
    },
  },
};

interface Signed {
  readonly prelude: unknown;
  readonly packages: Readonly<Record<string, unknown>>;
}

const parsed = (value: unknown): string => `JSON.parse(${JSON.stringify(JSON.stringify(value))})`;

function byPackage({ prelude, packages }: Signed): string {
  const getters = Object.entries(packages).map(
    ([path, one]) => `get ${JSON.stringify(path)}(){return ${parsed(one)}}`,
  );
  return `{prelude:${JSON.stringify(prelude)},packages:{${getters.join()}}}`;
}

/**
 * Escapes everything beyond ASCII: V8 then reads the text without decoding it, and keeps it in half the space. It is the
 * last step, because removing whitespace writes characters out.
 */
export const ascii: Plugin = {
  name: "ascii",
  generateBundle(_options, files) {
    for (const file of Object.values(files)) {
      if (file.type !== "chunk") continue;
      // `Chunks` loads functions, as Node does; making one of the text at run time would copy all of it.
      if (file.fileName.endsWith(".cjs") && file.fileName.startsWith("cjs/"))
        file.code = `(function(exports,require,module,__filename,__dirname){${file.code}\n})`;
      if (/\\[^\0-\x7f]/u.test(file.code)) throw new Error("a backslash before what is not ASCII");
      file.code = file.code.replaceAll(
        /[^\0-\x7f]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      );
    }
  },
};

const getter =
  /Object\.defineProperty\(exports,"([\w$]+)",\{enumerable:true,get:function\(\)\{return ([\w$]+)\}\}\);/g;

/**
 * Exports plain values in one object: a getter for each is a function to compile, keep and call. Only files in an import
 * cycle, and variables that change, would need getters.
 */
export const plainExports: Plugin = {
  name: "plain-exports",
  generateBundle(_options, files) {
    const chunks = Object.values(files).filter((file) => file.type === "chunk");
    const needs = new Map(chunks.map(({ fileName, imports }) => [fileName, imports]));
    for (const chunk of chunks) {
      const found = [...chunk.code.matchAll(getter)].filter(
        ([, , name]) => !new RegExp(`\\blet ${name.replaceAll("$", "\\$")}\\b`).test(chunk.code),
      );
      if (found.length === 0) continue;
      if (reaches(needs, chunk.fileName)) throw new Error(`${chunk.fileName} needs itself`);
      for (const [text] of found) chunk.code = chunk.code.replace(text, "");
      const pairs = found.map(([, short, name]) => `${short}:${name}`);
      chunk.code += `Object.assign(exports,{${pairs.join()}});`;
    }
  },
};

/** Whether a file of the bundle is in an import cycle. */
function reaches(needs: ReadonlyMap<string, readonly string[]>, file: string): boolean {
  const seen = new Set<string>();
  const visit = (name: string): boolean =>
    (needs.get(name) ?? []).some((one) => {
      if (one === file) return true;
      if (seen.has(one)) return false;
      seen.add(one);
      return visit(one);
    });
  return visit(file);
}
