/** A unified diff of two texts, with three lines around each change. "" when they are equal. */
export function lineDiff(name: string, before: string, after: string): string {
  if (before === after) return "";
  const steps = editScript(linesOf(before), linesOf(after));
  const lines = [`--- ${name}`, `+++ ${name}`];
  for (let at = 0; at < steps.length;) {
    if (steps[at].mark === " ") {
      at += 1;
      continue;
    }
    const from = Math.max(0, at - 3);
    let to = at;
    for (let quiet = 0; to < steps.length && quiet < 7; to++)
      quiet = steps[to].mark === " " ? quiet + 1 : 0;
    while (to - 3 > from && steps.slice(to - 4, to).every(({ mark }) => mark === " ")) to -= 1;
    const hunk = steps.slice(from, to);
    const count = (mark: string): number => hunk.filter((one) => one.mark !== mark).length;
    lines.push(`@@ -${hunk[0].left},${count("+")} +${hunk[0].right},${count("-")} @@`);
    lines.push(...hunk.map(({ mark, text }) => mark + text));
    at = to;
  }
  return `${lines.join("\n")}\n`;
}

/** The lines of a text; the last one says so when the text does not end with a line break. */
function linesOf(text: string): string[] {
  const lines = text.split("\n");
  const last = lines.pop() ?? "";
  return last === "" ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}

interface Step {
  readonly mark: " " | "+" | "-";
  readonly text: string;
  readonly left: number;
  readonly right: number;
}

/** Scripts are short and fixes few: equal heads and tails are set aside, the rest is compared whole. */
function editScript(before: readonly string[], after: readonly string[]): Step[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail += 1;
  }
  const steps: Step[] = [];
  let left = 1;
  let right = 1;
  const add = (mark: Step["mark"], text: string): void => {
    steps.push({ mark, text, left, right });
    if (mark !== "+") left += 1;
    if (mark !== "-") right += 1;
  };
  for (let i = 0; i < head; i++) add(" ", before[i]);
  const old = before.slice(head, before.length - tail);
  const now = after.slice(head, after.length - tail);
  for (const [mark, text] of longestCommon(old, now)) add(mark, text);
  for (let i = before.length - tail; i < before.length; i++) add(" ", before[i]);
  return steps;
}

function longestCommon(a: readonly string[], b: readonly string[]): [Step["mark"], string][] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i][j] =
        a[i] === b[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  const out: [Step["mark"], string][] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      out.push([" ", a[i]]);
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && lengths[i + 1][j] >= lengths[i][j + 1]))
      out.push(["-", a[i++]]);
    else out.push(["+", b[j++]]);
  }
  return out;
}
