import { FluxError } from "@tocsin/data/value";

/** Where a bucket on an InfluxDB 2 server is, and what gives access to it. */
export interface ServerPlace {
  /** The address without user and query: `http://influx:8086`, or with the path of a proxy. */
  readonly url: string;
  /** The address for messages. */
  readonly shown: string;
  readonly org: string;
  /** The name of the bucket on the server; undefined: the same as here. */
  readonly bucket: string | undefined;
  readonly token: string;
}

/** Reads `URL[?org=ORG&bucket=NAME]`; what is missing comes from the variables of the influx CLI. */
export function serverPlace(
  name: string,
  source: string,
  env: Readonly<Record<string, string | undefined>>,
): ServerPlace {
  const fail = (problem: string, hint: string): never => {
    throw new FluxError("invalid", `bucket ${JSON.stringify(name)}: ${problem}`, { hint });
  };
  const address = source === "" ? (env["INFLUX_HOST"] ?? "") : source;
  if (address === "")
    fail("no server is named", "write influxdb2:http://HOST:8086, or set INFLUX_HOST");
  const parsed = parsedUrl(address);
  if (parsed === undefined) {
    return fail("the address of its server is not a URL", "for example http://localhost:8086");
  }
  if (parsed.username !== "" || parsed.password !== "" || parsed.searchParams.has("token")) {
    fail(
      "the URL holds a secret, which others can read on the command line",
      "set INFLUX_TOKEN instead",
    );
  }
  const org = parsed.searchParams.get("org") ?? env["INFLUX_ORG"] ?? "";
  if (org === "") fail("no organisation is named", "set INFLUX_ORG, or add ?org=NAME to the URL");
  const token = env["INFLUX_TOKEN"] ?? "";
  if (token === "") fail("no token is set", "set INFLUX_TOKEN to a token that may read the bucket");
  const url = `${parsed.protocol}//${parsed.host}${parsed.pathname.replace(/\/+$/, "")}`;
  return { url, shown: url, org, bucket: parsed.searchParams.get("bucket") ?? undefined, token };
}

function parsedUrl(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url : undefined;
  } catch {
    return undefined;
  }
}
