import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { openBuckets } from "@tocsin/adapters/buckets";
import { hasOutbox, openSqliteOutbox } from "@tocsin/adapters/outbox";
import type { Host } from "@tocsin/platform/host";
import { dataFolder } from "../data-folder.ts";
import { howToSend } from "../run-messages.ts";
import { type Finding, inArea } from "./finding.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Where the doctor looks. */
export interface Places {
  readonly folder: string;
  readonly buckets: ReadonlyMap<string, string>;
  readonly host: Host;
  readonly env: Env;
  readonly cwd: string;
}

const store = inArea("store");
const outbox = inArea("outbox");

/** The data folder, and whether each known bucket can be read. */
export async function storeFindings({ folder, buckets, host, env }: Places): Promise<Finding[]> {
  const found = [folderFinding(folder)];
  if (found[0].state === "problem") return found;
  const all = openBuckets({ dataDir: folder, named: Object.fromEntries(buckets), host, env });
  const now = host.clock.now();
  const listed = await all.list().catch((error: unknown) => messageOf(error));
  if (typeof listed === "string") return [...found, store("problem", listed)];
  for (const { name, source } of listed) {
    try {
      // An instant is enough: the question is whether the bucket answers.
      for await (const _batch of all.read({ bucket: name, start: now - 1n, stop: now })) break;
      found.push(store("ok", `bucket "${name}" (${source}) can be read`));
    } catch (error) {
      found.push(store("problem", `bucket "${name}" (${source}): ${messageOf(error)}`));
    }
  }
  return found;
}

function folderFinding(folder: string): Finding {
  try {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found === undefined) return store("note", `the data folder ${folder} does not exist yet`);
    if (!found.isDirectory()) return store("problem", `${folder} is not a folder`);
    readdirSync(folder);
  } catch (error) {
    return store("problem", `the data folder ${folder} cannot be read: ${messageOf(error)}`);
  }
  try {
    accessSync(folder, constants.R_OK | constants.W_OK);
    return store("ok", `the data folder ${folder} can be written`);
  } catch {
    return store("problem", `the data folder ${folder} cannot be written: nothing can be recorded`);
  }
}

/** The outbox of the data folder, and other outboxes on this machine in which pages wait. */
export async function outboxFindings(places: Places): Promise<Finding[]> {
  const found = await outboxIn(places.folder, Number(places.host.clock.now() / 1_000_000n));
  for (const folder of otherFolders(places)) {
    try {
      const other = await openSqliteOutbox(folder, { busyMilliseconds: 1000 });
      const { recorded, waiting, sending, held, parked } = await other.counts();
      await other.close();
      const left = recorded + waiting + sending + held + parked;
      if (left > 0)
        found.push(
          outbox("problem", `${events(left)} another outbox, ${folder}: ${howToSend(folder)}`),
        );
      else found.push(outbox("ok", `nothing waits in the other outbox ${folder}`));
    } catch (error) {
      found.push(outbox("note", `another outbox, ${folder}, cannot be read: ${messageOf(error)}`));
    }
  }
  return found;
}

async function outboxIn(folder: string, now: number): Promise<Finding[]> {
  if (!hasOutbox(folder)) return [outbox("ok", `there is no outbox in ${folder} yet`)];
  let opened: Awaited<ReturnType<typeof openSqliteOutbox>>;
  try {
    opened = await openSqliteOutbox(folder, { busyMilliseconds: 1000 });
  } catch (error) {
    return [outbox("problem", messageOf(error))];
  }
  try {
    const counts = await opened.counts();
    const left = counts.recorded + counts.waiting + counts.sending;
    const found: Finding[] = [
      left === 0
        ? outbox("ok", `nothing waits in ${folder}`)
        : outbox("problem", `${events(left)} ${folder}: ${howToSend(folder)}`),
    ];
    for (const state of ["held", "parked", "refused"] as const)
      if (counts[state] > 0)
        found.push(
          outbox("problem", `${counts[state]} ${state}: see tocsin outbox list --state ${state}`),
        );
    for (const one of await opened.endpoints())
      if (one.state !== "open") found.push(outbox("problem", `blocked: ${one.detail}`));
    const last = await opened.lastWriter();
    if (last.at !== undefined && last.at > now + 60_000)
      found.push(
        inArea("clock")(
          "problem",
          `the outbox was written at ${new Date(last.at).toISOString()}, which is ahead of this clock`,
        ),
      );
    return found;
  } finally {
    await opened.close();
  }
}

function events(count: number): string {
  return `${count} ${count === 1 ? "event waits" : "events wait"} in`;
}

/** Data folders of this machine that another configuration would use. */
function otherFolders({ folder, env, cwd }: Places): string[] {
  const { TOCSIN_DATA: _data, STATE_DIRECTORY: _state, ...bare } = env;
  const candidates = [
    env["TOCSIN_DATA"],
    env["STATE_DIRECTORY"]?.split(":")[0],
    dataFolder(undefined, bare, cwd),
    "/var/lib/tocsin",
  ].flatMap((one) => (one === undefined || one === "" ? [] : [resolve(cwd, one)]));
  return [...new Set(candidates)].filter((one) => one !== resolve(folder) && hasOutbox(one));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
