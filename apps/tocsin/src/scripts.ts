import { isUtf8 } from "node:buffer";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { UsageError } from "./command.ts";

/** A script to work on: its name as messages show it, and its text. */
export interface Script {
  readonly name: string;
  /** Without the byte order mark, which some editors write and hide: columns do not count it. */
  readonly text: string;
  /** Whether a byte order mark stood before it. */
  readonly marked?: boolean;
  /** Where it was read, to write it back; undefined for standard input and `-e`. */
  readonly path: string | undefined;
  /** Why its text could not be read. */
  readonly broken?: string;
}

/**
 * Reads the scripts that the operands name: files, folders (their .flux files, sorted), `-` for standard input.
 * Throws `UsageError` for one that cannot be read. `lenient`: an unreadable script in a folder is returned with the
 * reason instead, so that the others run.
 */
export async function readScripts(
  operands: readonly string[],
  cwd: string,
  lenient = false,
): Promise<Script[]> {
  const scripts: Script[] = [];
  for (const operand of operands) {
    // An unset variable of a shell; as a path it would mean the folder with all of its scripts.
    if (operand === "") throw new UsageError("the name of a script is empty");
    if (operand === "-")
      scripts.push({ name: "<stdin>", text: await standardInput(), path: undefined });
    else {
      const paths = filesOf(operand, cwd);
      const read = lenient && paths.length > 1 ? readOrSay : readScript;
      for (const path of paths) scripts.push(read(path, cwd));
    }
  }
  return scripts;
}

// Synchronous: nothing else is under way when scripts are read, and loading `node:fs/promises` takes a millisecond.
function filesOf(operand: string, cwd: string): string[] {
  const path = isAbsolute(operand) ? operand : join(cwd, operand);
  if (!refusable("read", operand, () => statSync(path).isDirectory())) return [operand];
  const names = refusable("read", operand, () => readdirSync(path, { recursive: true }));
  const scripts = names
    .map(String)
    .filter((name) => name.endsWith(".flux"))
    .sort();
  if (scripts.length === 0) throw new UsageError(`the folder ${operand} holds no .flux file`);
  return scripts.map((name) => join(operand, name));
}

function readScript(path: string, cwd: string): Script {
  const whole = isAbsolute(path) ? path : join(cwd, path);
  const bytes = refusable("read", path, () => readFileSync(whole));
  const text = textOf(bytes, path);
  const marked = text.startsWith("\ufeff");
  return { name: path, text: marked ? text.slice(1) : text, marked, path };
}

function readOrSay(path: string, cwd: string): Script {
  try {
    return readScript(path, cwd);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { name: path, text: "", path, broken: error.message };
  }
}

/** The folder of a script, where its configuration begins; for standard input and `-e` where the command runs. */
export function folderOf({ path }: Script, cwd: string): string {
  return path === undefined ? cwd : resolve(cwd, dirname(path));
}

/** Writes a script back to where it was read. Throws `UsageError` where that is not possible. */
export function writeScript({ path, marked }: Script, text: string, cwd: string): void {
  if (path === undefined) return;
  const mark = marked === true ? "\ufeff" : "";
  refusable("write", path, () => writeFileSync(resolve(cwd, path), mark + text));
}

/** Does something with a file; what the operating system refuses is reported with the name that the caller gave. */
function refusable<T>(what: "read" | "write", name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const why = error instanceof Error ? reason(error) : String(error);
    throw new UsageError(`cannot ${what} ${name}: ${why}`);
  }
}

/** The text of a file. A zero byte in its first few thousand bytes shows that it is not text. */
function textOf(bytes: Buffer, name: string): string {
  if (!bytes.subarray(0, 8192).includes(0)) {
    if (isUtf8(bytes)) return bytes.toString("utf8");
    // Decoded leniently, it would put replacement characters into pages.
    throw new UsageError(`${name} is not UTF-8 text (line ${brokenLine(bytes)}); save it as UTF-8`);
  }
  const utf16 = bytes.length > 1 && ["fffe", "feff"].includes(bytes.toString("hex", 0, 2));
  throw new UsageError(
    utf16
      ? `${name} is UTF-16 text; save it as UTF-8`
      : `${name} is not a text file; a script is UTF-8 text`,
  );
}

/** The first line that is not UTF-8. */
function brokenLine(bytes: Buffer): number {
  for (let line = 1, start = 0; ; line++) {
    const end = bytes.indexOf(10, start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}

/** Why the operating system refused, in a person's words. */
export function reason(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "ENOENT":
      return "no such file or folder";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EEXIST":
      return "it is there already";
    case "EISDIR":
      return "it is a folder";
    case "ENOSPC":
      return "the disk is full";
    case "EROFS":
      return "the file system is read-only";
    default:
      return error.message;
  }
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return textOf(Buffer.concat(chunks), "standard input");
}
