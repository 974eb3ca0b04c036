const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes in base64 with padding. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const three = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += DIGITS[three >> 18] + DIGITS[(three >> 12) & 63];
    text += i + 1 < bytes.length ? DIGITS[(three >> 6) & 63] : "=";
    text += i + 2 < bytes.length ? DIGITS[three & 63] : "=";
  }
  return text;
}
