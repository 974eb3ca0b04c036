/** The parts of an On-Call REST address. */
export interface OnCallAddress {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Integration key: a secret. */
  readonly key: string;
  readonly routingKey: string;
  /** Eight digits. The service wants 20131114; reference pages show 00000000 as a dummy. */
  readonly version: string;
}

/** The only version that the service answers to. */
export const restVersion = "20131114";

const segment = "[^/?#\\s]";
const shape = new RegExp(
  `^(https?://${segment}+)/integrations/generic/(\\d{8})/alert/(${segment}+)` +
    `(?:/(${segment}*))?/?(?:[?#].*)?$`,
  "i",
);

/** Takes an On-Call REST address apart; undefined when `url` is not of that shape. */
export function onCallAddress(url: string): OnCallAddress | undefined {
  const found = shape.exec(url);
  if (found === null) return undefined;
  return { origin: found[1], version: found[2], key: found[3], routingKey: found[4] ?? "" };
}

/** Why On-Call's own host answers 404 to an address; undefined: it need not, or it is another host. */
export function deadEnd(url: string): string | undefined {
  if (!/^https?:\/\/[^/?#]*\bvictorops\.com(?:[:/?#]|$)/i.test(url)) return undefined;
  const { version } = onCallAddress(url) ?? {};
  if (version === restVersion) return undefined;
  const wanted = `/integrations/generic/${restVersion}/alert/<integration key>/<routing key>`;
  return version === undefined
    ? `On-Call answers 404 to this path, and nobody is paged: it should be ${wanted}`
    : `On-Call answers 404 to ${version} in the path, and nobody is paged: it should be ${restVersion}`;
}
