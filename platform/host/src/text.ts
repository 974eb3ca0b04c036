// TextEncoder and TextDecoder exist wherever Tocsin can run, but the pure floors compile without them. They are
// declared here, once, and used only through `utf8`.
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}
declare class TextDecoder {
  constructor(label: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}

const encoder = new TextEncoder();
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text as UTF-8 bytes and back. `decode` replaces invalid sequences, `decodeStrict` throws on them. */
export const utf8 = {
  encode: (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text),
  /** Writes `text` into `target` as far as it fits; returns the number of bytes written. */
  encodeInto: (text: string, target: Uint8Array): number =>
    encoder.encodeInto(text, target).written,
  decode: (bytes: Uint8Array): string => lenient.decode(bytes),
  decodeStrict: (bytes: Uint8Array): string => strict.decode(bytes),
};
