import type { Socket } from "node:net";

/**
 * Ends a connection as a crash does: with a reset. A connection that is being closed in good order cannot be reset; Node
 * would never close it, and its thread would never end.
 */
export function breakOff(socket: Socket): void {
  if (socket.connecting || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
