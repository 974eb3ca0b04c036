import type { HttpResponse } from "@tocsin/platform/host";

/**
 * The answer with its body as the sender wrote it. No coding is asked for, but a server or a proxy may
 * choose one all the same (RFC 9110, 12.5.3), and what is compressed says neither that it failed nor
 * anything to a script. A body that was cut at `limit` gives what can be had of it; one that is not in
 * the coding that it claims stays as it came. At most `limit` bytes.
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

/** A small body may hold gigabytes of nothing: more than this is not unfolded. Bytes. */
const mostUnfolded = (limit: number): number => Math.max(limit, 16 * 1024 * 1024);

/** What undoes a coding; undefined: nothing does, or nothing has to. */
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
