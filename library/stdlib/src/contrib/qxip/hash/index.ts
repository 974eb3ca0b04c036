import { hmac } from "@noble/hashes/hmac.js";
import { md5, sha1 } from "@noble/hashes/legacy.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { invalid, kindName, nullOf, string, type Value } from "@tocsin/data/value";
import { type Arguments, type Definition, definePackage, native } from "@tocsin/engine/interpret";
import { sha256, utf8 } from "@tocsin/platform/host";
import { base64 } from "../../../json/base64.ts";
import { cityhash64 } from "./cityhash64.ts";
import { xxhash64 } from "./xxhash64.ts";

/** The UTF-8 of a string argument; undefined for a null. */
function textBytes(args: Arguments, name: string): Uint8Array | undefined {
  const value = args.value(name);
  if (value.kind === "null") return undefined;
  if (value.kind === "string") return utf8.encode(value.value);
  throw invalid(
    `${args.function}: argument "${name}" should be string, but is ${kindName(value)}`,
    `convert it first: string(v: …)`,
  );
}

/** A function of one string; a null stays one. */
function ofText(name: string, docs: string, apply: (bytes: Uint8Array) => string): Definition {
  return native({
    name,
    type: "(v: A) => string",
    docs,
    example: `import "array"
import "contrib/qxip/hash"
array.from(rows: [{hashed: hash.${name}(v: "Hello, world!")}])`,
    call: (args): Value => {
      const bytes = textBytes(args, "v");
      return bytes === undefined ? nullOf("string") : string(apply(bytes));
    },
  });
}

const signed = native({
  name: "hmac",
  type: "(v: A, k: A) => string",
  docs: "The HMAC-SHA-1 of a string under a key, in base64: what many services want as a signature.",
  example: `import "array"
import "contrib/qxip/hash"
array.from(rows: [{signature: hash.hmac(v: "Hello, world!", k: "key")}])`,
  call: (args): Value => {
    const [message, key] = [textBytes(args, "v"), textBytes(args, "k")];
    if (message === undefined || key === undefined) return nullOf("string");
    return string(base64(hmac(sha1, key, message)));
  },
});

export const packageDefinition = definePackage({
  path: "contrib/qxip/hash",
  docs: "Hashes of strings. Of anything else: `string(v: …)` first.",
  members: [
    ofText("b64", "The string's UTF-8 in base64 for URLs, with padding.", (bytes) =>
      base64(bytes).replaceAll("+", "-").replaceAll("/", "_"),
    ),
    ofText(
      "cityhash64",
      "CityHash64 of the string, version 1.0.2 as in ClickHouse, in decimal.",
      (bytes) => String(cityhash64(bytes)),
    ),
    signed,
    ofText(
      "md5",
      "MD5 of the string, in hexadecimal. Whom one does not trust can make two with one MD5.",
      (bytes) => bytesToHex(md5(bytes)),
    ),
    ofText(
      "sha1",
      "SHA-1 of the string, in hexadecimal. Whom one does not trust can make two with one SHA-1.",
      (bytes) => bytesToHex(sha1(bytes)),
    ),
    ofText("sha256", "SHA-256 of the string, in hexadecimal.", (bytes) =>
      bytesToHex(sha256(bytes)),
    ),
    ofText("xxhash64", "XXH64 of the string with the seed 0, in decimal.", (bytes) =>
      String(xxhash64(bytes)),
    ),
  ],
});
