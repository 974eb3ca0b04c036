/** A header's name as it is usually written: `content-type` becomes `Content-Type`. */
export const canonicalHeader = (name: string): string =>
  name.replace(/(^|-)([a-z])/gu, (_all, dash, letter) => dash + letter.toUpperCase());
