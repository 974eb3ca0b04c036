import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { filesBelow, namesIn, sources, type TreeFile } from "./tree.ts";

const everywhere = filesBelow("", ".ts");
const paths = new Set(everywhere.map(({ path }) => path));

/** A name as one file takes it from another; "*": all there are. */
interface Use {
  readonly by: string;
  readonly from: string;
  readonly name: string;
}

const named =
  /(?:^|\n)\s*(?:import|export)\s+(?:type\s+)?(?:\w+,\s*)?\{([^}]*)\}\s*from\s*"([^"]+)"/gu;
const whole = /\bimport\s+\*\s+as\s+\w+\s+from\s*"([^"]+)"/gu;
const dynamic = /\bimport\(\s*"([^"]+)"/gu;
/** Names that are members of nothing, or of what an import gives: `.join(` of a text uses no export. */
const free = /(?<![.\w$])[\w$]+|(?<=\bimport\("[^"]+"\)\)?\.)[\w$]+/gu;
const all = /\bexport\s+\*(?:\s+as\s+\w+)?\s+from\s*"([^"]+)"/gu;

function usesOf({ path, text }: TreeFile): Use[] {
  const found = (specifier: string, names: Iterable<string>): Use[] => {
    const from = placeOf(path, specifier);
    return from === undefined ? [] : [...names].map((name) => ({ by: path, from, name }));
  };
  return [
    ...[...text.matchAll(named)].flatMap(([, list, from]) => found(from, namesIn(list))),
    ...[...text.matchAll(whole)].flatMap(([, from]) => found(from, wordsOf(text, /[\w$]+/gu))),
    ...[...text.matchAll(dynamic)].flatMap(([, from]) => found(from, wordsOf(text, free))),
    ...[...text.matchAll(all)].flatMap(([, from]) => found(from, ["*"])),
  ];
}

function wordsOf(text: string, pattern: RegExp): ReadonlySet<string> {
  return new Set(text.match(pattern));
}

/** The file that an import means; undefined: none of this tree. */
function placeOf(path: string, specifier: string): string | undefined {
  const room = /^@tocsin\/([^/]+)\/([^/]+)$/u.exec(specifier);
  const place =
    room === null
      ? normalize(join(dirname(path), specifier))
      : join(room[1], room[2], "src/index.ts");
  return paths.has(place) ? place : undefined;
}

const uses = everywhere.flatMap(usesOf);

/** What `launcher.ts` asks a chunk of the bundle for. */
const launched = "adapters/buckets/src/engine.ts beginEngine";

test("what a file exports, another one imports", () => {
  const used = new Set([launched, ...uses.map(({ from, name }) => `${from} ${name}`)]);
  const declaration =
    /(?:^|\n)export (?:abstract |async )*(?:function\*?|const|class|type|interface|let) ([\w$]+)/gu;
  const wrong = everywhere.flatMap(({ path, text }) =>
    [...text.matchAll(declaration)]
      .map(([, name]) => `${path} ${name}`)
      .filter((exported) => !used.has(exported) && !used.has(`${path} *`)),
  );
  expect(wrong).toEqual([]);
});

test("what a room's index gives away, somebody outside of its sources takes", () => {
  const used = new Set(
    uses
      .filter(({ by, from }) => !by.startsWith(dirname(from)))
      .map(({ from, name }) => `${from} ${name}`),
  );
  // Types of what is taken and given are there for whoever wants to name them.
  const values = /(?:^|\n)export \{([^}]*)\} from/gu;
  const wrong = sources()
    .filter(({ path }) => /^(?!apps)\w+\/[\w-]+\/src\/index\.ts$/u.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(values)]
        .flatMap(([, list]) => list.split(",").map((one) => one.trim()))
        .filter((one) => one !== "" && !one.startsWith("type "))
        .map((name) => `${path} ${name.split(" as ").at(-1)}`)
        .filter((exported) => !used.has(exported)),
    );
  expect(wrong).toEqual([]);
});

/** Where an expression is in an expression, and a statement in one: the files of these need each other. */
const recursive = [
  "engine/expression/src/call.ts",
  "engine/expression/src/compile/call.ts",
  "engine/expression/src/compile/conditional.ts",
  "engine/expression/src/compile/expression.ts",
  "engine/expression/src/compile/logical.ts",
  "engine/expression/src/walk.ts",
  "language/semantic/src/call.ts",
  "language/semantic/src/expression.ts",
  "language/semantic/src/function.ts",
  "language/semantic/src/statement.ts",
];

test("files do not need each other in a circle, but where the language does", () => {
  const needs = new Map(
    sources().map(({ path, text }) => {
      const values = text.replaceAll(/(?:^|\n)(?:import|export) type [^;]*;/gu, "\n");
      const taken = [...values.matchAll(named)].filter(
        ([, list]) => !/^(?:\s*type [^,]+,?)*\s*$/u.test(list),
      );
      return [path, taken.flatMap(([, , from]) => placeOf(path, from) ?? [])] as const;
    }),
  );
  const reaches = (from: string): ReadonlySet<string> => {
    const seen = new Set<string>();
    const visit = (path: string): void => {
      for (const next of needs.get(path) ?? [])
        if (!seen.has(next)) {
          seen.add(next);
          visit(next);
        }
    };
    visit(from);
    return seen;
  };
  const circular = [...needs.keys()].filter((path) => reaches(path).has(path));
  expect(circular.sort()).toEqual(recursive.sort());
});
