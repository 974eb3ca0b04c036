/** A text for a message, cut to `most` UTF-16 units and marked with `…`. No character is cut in half. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  const splits = last >= 0xd800 && last < 0xdc00;
  return `${text.slice(0, splits ? most - 1 : most)}…`;
}
