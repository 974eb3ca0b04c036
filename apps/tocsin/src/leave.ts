/** What may keep a thread of the system for long: a name that no server resolves, a reader that does not read. */
const slow = ["GetAddrInfoReqWrap", "FSReqCallback"];

/**
 * Ends with a code, at once: nothing is left to do, and to take V8 down piece by piece takes milliseconds.
 * Nothing can break a thread of the system off, and the end of a process waits for it. Then the process turns
 * into one that ends at once.
 */
export function leave(code: number): void {
  const busy = process.getActiveResourcesInfo().some((one) => slow.includes(one));
  if (busy && process.platform !== "win32")
    process.execve?.("/bin/sh", ["sh", "-c", `exit ${code}`], {});
  process.exit(code);
}
