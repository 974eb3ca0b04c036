import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { filesTimedBy, nodeHost, secretsFrom, systemClock } from "@tocsin/adapters/host-node";
import { utf8 } from "@tocsin/platform/host";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tocsin-host-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string | Uint8Array, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

test("secrets come from a file of KEY=value lines, read anew when it changes", async () => {
  const path = write("s.env", '# On-Call\nA=one=1\nexport B = "two words" \n\nC=\n');
  const secrets = secretsFrom(path, { A: "from the environment" });
  const get = async (...keys: string[]) => Promise.all(keys.map((key) => secrets.get(key)));
  expect(await get("A", "B", "C", "D")).toEqual(["one=1", "two words", undefined, undefined]);
  write("s.env", "A=rotated-key\n");
  expect(await get("A", "B")).toEqual(["rotated-key", undefined]);
});

test("a secrets file that others may read is refused, with the command that mends it", async () => {
  for (const mode of [0o640, 0o604, 0o620]) {
    const path = write("s.env", "A=very-secret\n", mode);
    const error = await secretsFrom(path, {})
      .get("A")
      .catch((one: unknown) => one);
    expect(String(error)).toContain(`chmod 600 ${path}`);
    expect(String(error)).not.toContain("very-secret");
  }
});

test("secrets come from a folder with a file per key, and only from there", async () => {
  mkdirSync(join(folder, "keys"));
  write("outside", "no");
  write("keys/A", "one\n", 0o644);
  const secrets = secretsFrom(join(folder, "keys"), {});
  expect(await secrets.get("A")).toBe("one");
  expect(await secrets.get("B")).toBeUndefined();
  expect(await secrets.get("../outside")).toBeUndefined();
});

test("a key that every JavaScript object has is a missing secret", async () => {
  for (const environment of [{}, process.env])
    for (const key of ["constructor", "toString", "__proto__"])
      expect(await secretsFrom(undefined, environment).get(key)).toBeUndefined();
});

test("what is wrong with the secrets is said without showing them", async () => {
  const bad = write("s.env", "A=1\nmy-secret-value\n");
  await expect(secretsFrom(bad, {}).get("A")).rejects.toThrow(
    `line 2 of the secrets file ${bad} is not KEY=value (comments begin with #)`,
  );
  const missing = join(folder, "none");
  await expect(secretsFrom(missing, {}).get("A")).rejects.toThrow(
    `cannot read the secrets in ${missing}: no such file or folder`,
  );
  expect(await secretsFrom(undefined, { A: "env" }).get("A")).toBe("env");
});

test("secrets that are no UTF-8 text are refused: another secret would be sent", async () => {
  const file = write("s.env", Buffer.from("A=caf\u00e9-secret\n", "latin1"));
  const wide = write("wide.env", Buffer.from("\ufeffA=caf\u00e9-secret\n", "utf16le"));
  write("B", Buffer.from("caf\u00e9-secret", "latin1"));
  for (const [place, key] of [
    [file, "A"],
    [wide, "A"],
    [folder, "B"],
  ] as const) {
    const error = await secretsFrom(place, {}).get(key).catch(String);
    expect(error).toMatch(/the secrets in .* are not UTF-8 text; save them as UTF-8$/);
    expect(error).not.toContain("secret\n");
  }
});

test("a file's bytes, or why it cannot be read", async () => {
  const read = async (path: string) => {
    let text = "";
    for await (const part of filesTimedBy(systemClock).read(path)) text += utf8.decode(part);
    return text;
  };
  expect(await read(write("a.flux", "é\n"))).toBe("é\n");
  await expect(read(join(folder, "b.flux"))).rejects.toThrow("b.flux: no such file");
  await expect(read(folder)).rejects.toThrow("it is a folder, and a file is needed here");
});

test("a sleep ends when it is asked to", async () => {
  const controller = new AbortController();
  const slept = systemClock.sleep(3_600_000, controller.signal);
  controller.abort();
  await slept;
  await systemClock.sleep(3_600_000, controller.signal);
  await systemClock.sleep(1);
});

test("the loop lets others in", async () => {
  const { loop } = nodeHost();
  let turned = false;
  setImmediate(() => (turned = true));
  await loop.turn();
  expect([turned, loop.due()]).toEqual([true, false]);
});

test("importing loads neither undici nor SQLite", () => {
  const program = `
    await import("@tocsin/adapters/host-node");
    await import("@tocsin/adapters/outbox");
    console.log(process.moduleLoadList.filter((one) => /sqlite|undici/.test(one)).join());
  `;
  const cwd = new URL("../../../apps/tocsin", import.meta.url);
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program];
  expect(execFileSync(process.execPath, args, { cwd, encoding: "utf8" }).trim()).toBe("");
});

/** As when each read keeps the process waiting. */
const slowClock = (): { monotonic(): number } => {
  let milliseconds = 0;
  return { monotonic: () => (milliseconds += 100) };
};

test.each([
  ["at once", systemClock],
  ["while it is used", slowClock()],
])("a file of any size is read whole %s, also by somebody who stops early", async (_, clock) => {
  const files = filesTimedBy(clock);
  for (const size of [0, 1, 65_535, 65_536, 65_537, 262_144, 524_288, 1_600_000]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 255);
    const path = join(folder, `b${size}`);
    writeFileSync(path, bytes);
    for (const most of [1, 4]) {
      let pieces = 0;
      for await (const _piece of files.read(path)) if (++pieces === most) break;
    }
    let given = new Uint8Array(0);
    const room = (length: number): Uint8Array => (given = new Uint8Array(length + 3).fill(7));
    for (const wanted of [undefined, room]) {
      const read: Uint8Array[] = [];
      for await (const piece of files.read(path, undefined, wanted)) {
        await new Promise((resolve) => setImmediate(resolve));
        read.push(piece.slice());
        if (wanted !== undefined) expect(given.at(-1)).toBe(7);
      }
      expect(Buffer.concat(read).equals(bytes)).toBe(true);
    }
  }
});
