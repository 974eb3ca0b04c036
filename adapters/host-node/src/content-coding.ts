import type { HttpResponse } from "@tocsin/platform/host";

/**
 * The answer with its body decompressed, at most `limit` bytes of it. No coding is asked for, but a server or
 * a proxy may use one all the same (RFC 9110, 12.5.3), and a compressed `"result":"failure"` would not be
 * noticed. Of a body that was cut at `limit` as much as possible is decompressed; one that is not in the coding
 * that it claims is left as it came.
 */
export function withPlainBody(answer: HttpResponse, limit: number): HttpResponse {
  const coding = answer.headers["content-encoding"];
  if (coding === undefined || answer.body.length === 0) return answer;
  const decode = decoderOf(coding.trim().toLowerCase());
  if (decode === undefined) return answer;
  const zlib = process.getBuiltinModule("node:zlib");
  try {
    const { headers, status, body } = answer;
    const { "content-encoding": _coding, "content-length": _length, ...left } = headers;
    return { status, headers: left, body: decode(zlib, body, limit).subarray(0, limit) };
  } catch {
    return answer;
  }
}

type Zlib = typeof import("node:zlib");
type Decode = (zlib: Zlib, body: Uint8Array, limit: number) => Buffer;

/** How much is decompressed at most: a small body may expand to gigabytes. Bytes. */
const mostUnfolded = (limit: number): number => Math.max(limit, 16 * 1024 * 1024);

/** The decoder of a coding; undefined for one that is unknown or needs none. */
function decoderOf(coding: string): Decode | undefined {
  switch (coding) {
    case "gzip":
    case "x-gzip":
    case "deflate":
      return (zlib, body, limit) =>
        zlib.unzipSync(body, {
          finishFlush: zlib.constants.Z_SYNC_FLUSH,
          maxOutputLength: mostUnfolded(limit),
        });
    case "br":
      return (zlib, body, limit) =>
        zlib.brotliDecompressSync(body, {
          finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
          maxOutputLength: mostUnfolded(limit),
        });
    default:
      return undefined;
  }
}
