import type { Socket } from "node:net";

/**
 * Ends a connection as a crash does: what it was sent and did not read is answered with a reset. One that is
 * being ended in good order cannot be, and Node would then never close it: its thread ends no more.
 */
export function breakOff(socket: Socket): void {
  if (socket.connecting || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
