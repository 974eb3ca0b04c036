import { hostname } from "node:os";
import { randomBytes } from "@tocsin/adapters/host-node";

/** The tokens of the handles that are open in this process. */
const here = new Set<string>();

/** A name for a handle, from which other processes can tell whether its process still lives. */
export function newOwner(): string {
  const token = randomBytes(6).toString("hex");
  here.add(token);
  return `${hostname()} ${process.pid} ${token}`;
}

/** Call it when a handle is closed: others may take over what it had in flight. */
export function endOwner(owner: string): void {
  here.delete(owner.split(" ")[2]);
}

/**
 * Whether the process of a handle is certainly gone. Nobody can tell when it is on another machine, or when its
 * number was given to another process: then its lease decides.
 */
export function isGone(owner: string): boolean {
  const [host, pid, token] = owner.split(" ");
  if (host !== hostname()) return false;
  if (Number(pid) === process.pid) return !here.has(token);
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    // EPERM: it lives, and belongs to another user.
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
