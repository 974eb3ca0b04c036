/** The longest time that one timer of the platform takes; a longer one would be over at once. Milliseconds. */
export const longestTimer = 2 ** 31 - 1;

/** Calls `work` after some milliseconds, however many. Call the result to prevent it. */
export function startTimer(milliseconds: number, work: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    const part = Math.min(left, longestTimer);
    timer = setTimeout(left > part ? () => wait(left - part) : work, part);
  };
  wait(milliseconds);
  return () => clearTimeout(timer);
}
