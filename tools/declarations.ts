import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { root, rooms } from "./tree.ts";

const own = /(["'])@tocsin\/([a-z-]+)\/([a-z-]+)\1/gu;
const local = /(["'])(\.[^"']*)\.ts\1/gu;

/**
 * Writes the declarations of the package's entry and of what they name, and nothing else, below
 * `into`. Rooms are not packages for those who install `tocsin`, so their names become paths.
 */
export function writeDeclarations(entry: string, into: string): void {
  const emitted = mkdtempSync(join(tmpdir(), "tocsin-types-"));
  try {
    emit(entry, emitted);
    const seen = new Set<string>();
    const visit = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      const text = withPaths(path, readFileSync(join(emitted, path), "utf8"));
      const target = join(into, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
      for (const [, specifier] of text.matchAll(/["'](\.[^"']*)\.js["']/gu))
        visit(join(dirname(path), `${specifier}.d.ts`));
    };
    visit(entry.replace(/\.ts$/u, ".d.ts"));
  } finally {
    rmSync(emitted, { recursive: true, force: true });
  }
}

/** Has the compiler write the declarations of everything that the entry reaches. */
function emit(entry: string, outDir: string): void {
  const paths = Object.entries(rooms).flatMap(([floor, all]) =>
    all.map((room) => [`@tocsin/${floor}/${room}`, [join(root, indexOf(floor, room))]]),
  );
  const project = {
    extends: join(root, "tsconfig.node.json"),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      noCheck: true,
      rootDir: root,
      outDir,
      typeRoots: [join(root, "node_modules/@types")],
      paths: Object.fromEntries(paths),
    },
    include: [],
    files: [join(root, entry)],
  };
  const file = join(outDir, "tsconfig.json");
  writeFileSync(file, JSON.stringify(project));
  execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", file], {
    stdio: ["ignore", "inherit", "inherit"],
  });
}

function indexOf(floor: string, room: string): string {
  return `${floor}/${room}/src/index.ts`;
}

function withPaths(path: string, text: string): string {
  const to = (target: string): string => {
    const found = relative(dirname(path), target);
    return found.startsWith(".") ? found : `./${found}`;
  };
  return text
    .replace(own, (_, quote: string, floor: string, room: string) => {
      return `${quote}${to(indexOf(floor, room).replace(/\.ts$/u, ".js"))}${quote}`;
    })
    .replace(local, "$1$2.js$1");
}
