import { createServer } from "node:http";
import { gunzipSync } from "node:zlib";
import { later } from "./terminal.ts";

/** A request that a collector got. */
interface Told {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** A span as it arrived: attributes as a plain record. */
export interface ToldSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code: number };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
}

/** A metric as it arrived; its points with attributes as plain records. */
interface ToldMetric {
  readonly name: string;
  readonly unit: string;
  readonly temporality: number;
  readonly points: readonly {
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly value: number;
  }[];
}

/** How a collector behaves: answers with a status, or never. */
type Manner = number | "silent";

/** A collector for OTLP over HTTP on a free port of the loopback, closed after the test. */
export async function collector(manner: Manner = 200) {
  const told: Told[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      told.push({
        path: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(parts),
      });
      if (manner !== "silent") response.writeHead(manner).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  later(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    origin: `http://127.0.0.1:${port}`,
    /** Everything that came, as it came. */
    told: (): readonly Told[] => told,
    /** All bytes that came: paths, headers and bodies. */
    bytes: (): string =>
      told
        .map(({ path, headers, body }) => `${path}\n${JSON.stringify(headers)}\n${plain(body)}`)
        .join("\n"),
    spans: (): ToldSpan[] => jsonOf(told, "/v1/traces").flatMap(spansOf),
    metrics: (): ToldMetric[] => jsonOf(told, "/v1/metrics").flatMap(metricsOf),
  };
}

function plain(body: Buffer): string {
  const zipped = body[0] === 0x1f && body[1] === 0x8b;
  return (zipped ? gunzipSync(body) : body).toString("latin1");
}

function jsonOf(told: readonly Told[], path: string): Loose[] {
  return told.filter((one) => one.path === path).map(({ body }) => JSON.parse(body.toString()));
}

/** JSON of OTLP, of which a test looks at a part. */
type Loose = Readonly<Record<string, unknown>>;

function spansOf({ resourceSpans }: Loose): ToldSpan[] {
  return each(resourceSpans).flatMap(({ resource, scopeSpans }) =>
    each(scopeSpans).flatMap(({ spans }) =>
      each(spans).map(
        (span) =>
          ({
            links: [],
            ...span,
            attributes: attributesOf(span["attributes"]),
            resource: attributesOf(Object(resource).attributes),
          }) as unknown as ToldSpan,
      ),
    ),
  );
}

function metricsOf({ resourceMetrics }: Loose): ToldMetric[] {
  return each(resourceMetrics).flatMap(({ scopeMetrics }) =>
    each(scopeMetrics).flatMap(({ metrics }) =>
      each(metrics).map((metric) => {
        const { dataPoints, aggregationTemporality } = Object(metric["sum"] ?? metric["histogram"]);
        return {
          name: String(metric["name"]),
          unit: String(metric["unit"]),
          temporality: Number(aggregationTemporality),
          points: each(dataPoints).map((point) => ({
            attributes: attributesOf(point["attributes"]),
            value: Number(point["count"] ?? point["asDouble"] ?? point["asInt"]),
          })),
        };
      }),
    ),
  );
}

function each(list: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(list) ? list : [];
}

function attributesOf(list: unknown): Record<string, unknown> {
  return Object.fromEntries(
    each(list).map(({ key, value }) => {
      const [kind, one] = Object.entries(Object(value))[0];
      return [String(key), kind === "intValue" ? Number(one) : one];
    }),
  );
}
