import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { root, rooms } from "./tree.ts";

const own = /(["'])@tocsin\/([a-z-]+)\/([a-z-]+)\1/gu;
const local = /(["'])(\.[^"']*)\.ts\1/gu;

/**
 * Writes the declarations of the package's entry and of what they name, and nothing else, as the file
 * `into`. Rooms are not packages for those who install `tocsin`, so their names become paths first.
 */
export async function writeDeclarations(entry: string, into: string): Promise<void> {
  const emitted = mkdtempSync(join(tmpdir(), "tocsin-types-"));
  try {
    const project = emit(entry, emitted);
    const seen = new Set<string>();
    const visit = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      const text = withPaths(path, readFileSync(join(emitted, path), "utf8"));
      writeFileSync(join(emitted, path), text);
      for (const [, specifier] of text.matchAll(/["'](\.[^"']*)\.js["']/gu))
        visit(join(dirname(path), `${specifier}.d.ts`));
    };
    const first = entry.replace(/\.ts$/u, ".d.ts");
    visit(first);
    const [{ code }] = await together(join(emitted, first), project);
    writeFileSync(into, code);
  } finally {
    rmSync(emitted, { recursive: true, force: true });
  }
}

/** One file of all that a file of declarations reaches. */
async function together(entry: string, tsconfig: string): Promise<readonly { code: string }[]> {
  const built = await rolldown({
    input: entry,
    plugins: [dts({ dtsInput: true, emitDtsOnly: true, generator: "oxc", tsconfig })],
    external: /^node:/u,
  });
  const { output } = await built.generate({ format: "es" });
  await built.close();
  return output.filter((one) => one.type === "chunk" && one.isEntry) as { code: string }[];
}

/** Has the compiler write the declarations of everything that the entry reaches. Gives its configuration. */
function emit(entry: string, outDir: string): string {
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
  return file;
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
