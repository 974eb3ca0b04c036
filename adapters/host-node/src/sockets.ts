import type { Socket } from "node:net";
import type { Route } from "./plain-request.ts";

/** Keeps the session of an origin, with which the next TLS handshake is shorter. */
interface SessionHolder {
  session: Buffer | undefined;
}

/** Opens a socket for a route. `read` gets what arrives, in memory that is used again after it returns. */
export function openSocket(
  route: Route,
  holder: SessionHolder,
  read: (bytes: Buffer) => void,
): Socket {
  return route.secure ? secureSocket(route, holder, read) : plainSocket(route, read);
}

/** What arrives lies here until it is taken; all sockets share it. */
let arrivals: Buffer | undefined;

// `import()` would read all exports of these modules.
function plainSocket({ host, port }: Route, read: (bytes: Buffer) => void): Socket {
  const buffer = (arrivals ??= Buffer.allocUnsafeSlow(64 * 1024));
  const callback = (size: number): boolean => {
    read(buffer.subarray(0, size));
    return true;
  };
  const { connect } = process.getBuiltinModule("node:net");
  return connect({ host, port, noDelay: true, onread: { buffer, callback } });
}

function secureSocket(
  { host, port, verified }: Route,
  holder: SessionHolder,
  read: (bytes: Buffer) => void,
): Socket {
  const { connect } = process.getBuiltinModule("node:tls");
  const { isIP } = process.getBuiltinModule("node:net");
  const { session } = holder;
  const socket = connect({
    host,
    port,
    rejectUnauthorized: verified,
    ALPNProtocols: ["http/1.1"],
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(session === undefined ? {} : { session }),
  });
  socket.setNoDelay(true);
  socket.on("session", (next: Buffer) => (holder.session = next));
  socket.on("data", read);
  return socket;
}
