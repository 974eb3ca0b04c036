/** Of a longer script only so much is looked at. */
const looked = 65_536;

/**
 * A name for what a command line runs of our code: scripts that import the same packages and call the same
 * functions run much the same. Undefined: no script is named.
 */
export function kindOf(argv: readonly string[], scripts: readonly string[]): string | undefined {
  if (scripts.length === 0) return undefined;
  const [command] = argv;
  const options = argv.filter((one) => one.startsWith("-")).map((one) => one.split("=", 1)[0]);
  const words = scripts.flatMap(
    (text) => text.slice(0, looked).match(/\b\w+(?=\()|\bimport\s+"[^"]*"/g) ?? [],
  );
  const all = [...new Set([command, ...options, ...words])].sort().join();
  let hash = 0x811c9dc5;
  for (let i = 0; i < all.length; i++) hash = Math.imul(hash ^ all.charCodeAt(i), 0x01000193);
  return `script-${(hash >>> 0).toString(16)}`;
}
