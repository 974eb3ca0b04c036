import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { connect } from "node:tls";
import { isLoopback } from "@tocsin/adapters/host-node";
import { HttpError, type Host } from "@tocsin/platform/host";
import { type Finding, inArea } from "./finding.ts";

const endpoint = inArea("endpoint");
const clock = inArea("clock");

/** How long each of the doctor's requests may take. Milliseconds. */
const patience = 5000;
/** A clock that is further off puts pages in the wrong place of a timeline. Milliseconds. */
const skewAllowed = 60_000;
/** A certificate that expires within so many days is worth a note. */
const certificateDays = 14;

/** One origin (scheme, host, port): its name, its certificate, whether it answers, and its clock. */
export async function endpointFindings(
  origin: string,
  host: Host,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Finding[]> {
  const url = new URL(origin);
  const proxy = proxyFor(url, env);
  const found: Finding[] = [];
  if (proxy !== undefined) found.push(endpoint("note", `${origin} is reached through ${proxy}`));
  else {
    const named = await nameFinding(url);
    if (named !== undefined) found.push(named);
    if (named?.state === "problem") return found;
    if (url.protocol === "https:") found.push(...(await certificateFindings(url)));
  }
  return [...found, ...(await answerFindings(origin, host))];
}

/** The proxy for a host, unless `NO_PROXY` excludes the host. */
function proxyFor(url: URL, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const of = (name: string): string => env[name] || env[name.toLowerCase()] || "";
  const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const direct = of("NO_PROXY").split(/[\s,]+/u);
  if (of(name) === "" || isLoopback(url.href) || direct.some((one) => excludes(one, url)))
    return undefined;
  return `the proxy of ${name}`;
}

/** Whether an entry of `NO_PROXY` means a host: `*`, the host itself or a domain above it, perhaps with a port. */
function excludes(entry: string, { hostname, port, protocol }: URL): boolean {
  if (entry === "*") return true;
  const [, name = "", only] = /^\*?\.?(.*?)(?::(\d+))?$/u.exec(entry.toLowerCase()) ?? [];
  const taken = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  if (name === "" || (only !== undefined && only !== taken)) return false;
  return hostname === name || hostname.endsWith(`.${name}`);
}

/** A host as sockets take it: an IPv6 address without its brackets. */
const bare = (hostname: string): string => hostname.replace(/^\[|\]$/gu, "");

async function nameFinding(url: URL): Promise<Finding | undefined> {
  const name = bare(url.hostname);
  if (isIP(name) !== 0) return undefined;
  try {
    const addresses = await lookup(name, { all: true });
    return endpoint("ok", `${name} is ${addresses.map(({ address }) => address).join(", ")}`);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    return endpoint("problem", `the name ${name} cannot be looked up${code}`);
  }
}

async function certificateFindings(url: URL): Promise<Finding[]> {
  const port = url.port === "" ? 443 : Number(url.port);
  const host = bare(url.hostname);
  // An address is no name of a server (RFC 6066).
  const named = isIP(host) === 0 ? { servername: host } : {};
  return new Promise((resolve) => {
    const socket = connect({ host, port, ...named }, () => {
      const ends = Date.parse(socket.getPeerCertificate().valid_to);
      const days = Math.floor((ends - Date.now()) / 86_400_000);
      const text = `${url.host}: ${socket.getProtocol() ?? "TLS"}, the certificate is valid for ${days} more days`;
      socket.end();
      resolve([endpoint(days < certificateDays ? "note" : "ok", text)]);
    });
    // The request that follows reports what is wrong.
    socket.on("error", () => resolve([]));
    socket.setTimeout(patience, () => {
      socket.destroy();
      resolve([]);
    });
  });
}

async function answerFindings(origin: string, host: Host): Promise<Finding[]> {
  const started = host.clock.monotonic();
  try {
    const answer = await host.http.send({
      method: "GET",
      url: `${origin}/`,
      headers: {},
      timeoutMilliseconds: patience,
    });
    const took = Math.round(host.clock.monotonic() - started);
    const now = Number(host.clock.now() / 1_000_000n);
    const said = Date.parse(answer.headers["date"] ?? "");
    const skew = Number.isNaN(said) ? undefined : now - said;
    return [
      endpoint("ok", `${origin} answers (HTTP ${answer.status}) in ${took} ms`),
      ...(skew === undefined ? [] : [skewFinding(skew, origin)]),
    ];
  } catch (error) {
    const why = error instanceof HttpError ? error.message : String(error);
    return [endpoint("problem", `${origin} cannot be reached: ${why}`)];
  }
}

function skewFinding(skew: number, origin: string): Finding {
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (Math.abs(skew) <= skewAllowed) return clock("ok", `this clock agrees with that of ${origin}`);
  const word = skew > 0 ? "ahead of" : "behind";
  return clock("problem", `this clock is ${seconds} s ${word} that of ${origin}: set it right`);
}
