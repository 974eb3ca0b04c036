/**
 * What to print and where it may be broken into lines; `print` decides which breaks are made. The
 * idea is Wadler's: a group is put on one line if it fits, else all its own breaks are made.
 */
export type Layout =
  | string
  | readonly Layout[]
  | { readonly kind: "line"; readonly flat: string; readonly forced: boolean }
  | { readonly kind: "indent"; readonly inner: Layout; readonly forced: boolean }
  | { readonly kind: "group"; readonly inner: Layout; readonly forced: boolean }
  | { readonly kind: "suffix"; readonly text: string; readonly forced: false }
  | { readonly kind: "if-broken"; readonly text: string; readonly forced: false };

/** A blank, or a line break where the group is broken. */
export const line: Layout = { kind: "line", flat: " ", forced: false };
/** Nothing, or a line break where the group is broken. */
export const softLine: Layout = { kind: "line", flat: "", forced: false };
/** A line break; breaks every group around it. */
export const hardLine: Layout = { kind: "line", flat: "", forced: true };

/** Breaks inside go four columns deeper. */
export function indent(inner: Layout): Layout {
  return { kind: "indent", inner, forced: isForced(inner) };
}

/** On one line if it fits and nothing in it forces a break, or `broken` does. */
export function group(inner: Layout, broken = false): Layout {
  return { kind: "group", inner, forced: broken || isForced(inner) };
}

/** Text that waits for the end of the line: a comment behind code. */
export function suffix(text: string): Layout {
  return { kind: "suffix", text, forced: false };
}

/** Printed only where the group around it is broken. */
export function ifBroken(text: string): Layout {
  return { kind: "if-broken", text, forced: false };
}

/** The parts with a separator between them. */
export function joined(parts: readonly Layout[], separator: Layout): Layout[] {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part]));
}

/** Whether there is a line break in it that is always made. */
export function isForced(layout: Layout): boolean {
  if (typeof layout === "string") return false;
  if (isList(layout)) return layout.some(isForced);
  return layout.forced;
}

function isList(layout: Layout): layout is readonly Layout[] {
  return Array.isArray(layout);
}

const step = 4;

type Task = { readonly indentation: number; readonly broken: boolean; readonly layout: Layout };

/** The text, in lines of at most `width` columns where that is possible. */
export function print(layout: Layout, width: number): string {
  const tasks: Task[] = [{ indentation: 0, broken: true, layout }];
  const out: string[] = [];
  let column = 0;
  let waiting = "";
  for (let task = tasks.pop(); task; task = tasks.pop()) {
    const { indentation, broken, layout: next } = task;
    if (typeof next === "string") {
      out.push(next);
      column = columnAfter(column, next);
    } else if (isList(next)) {
      for (let index = next.length - 1; index >= 0; index -= 1) {
        tasks.push({ indentation, broken, layout: next[index] });
      }
    } else if (next.kind === "indent") {
      tasks.push({ indentation: indentation + step, broken, layout: next.inner });
    } else if (next.kind === "group") {
      const inner = { indentation, broken: false, layout: next.inner };
      const flat = !next.forced && (!broken || fits(inner, tasks, width - column));
      tasks.push(flat ? inner : { ...inner, broken: true });
    } else if (next.kind === "suffix") waiting += next.text;
    else if (next.kind === "if-broken") {
      if (!broken) continue;
      out.push(next.text);
      column += next.text.length;
    } else if (broken || next.forced) {
      trimEnd(out);
      out.push(waiting, "\n", " ".repeat(indentation));
      waiting = "";
      column = indentation;
    } else {
      out.push(next.flat);
      column += next.flat.length;
    }
  }
  trimEnd(out);
  return out.join("") + waiting;
}

/** Blanks at the end of a line, such as the indentation of an empty one. */
function trimEnd(out: string[]): void {
  while (out.length > 0 && /^ *$/.test(out[out.length - 1])) out.pop();
  const last = out.pop();
  if (last !== undefined) out.push(last.replace(/(?<! ) +$/, ""));
}

function columnAfter(column: number, text: string): number {
  const newline = text.lastIndexOf("\n");
  return newline < 0 ? column + text.length : text.length - newline - 1;
}

/** Whether everything up to the next line break has room. */
function fits(first: Task, rest: readonly Task[], room: number): boolean {
  const tasks: Task[] = [first];
  let left = room;
  let outer = rest.length - 1;
  for (;;) {
    const task = tasks.pop() ?? rest[outer--];
    if (!task) return true;
    const { broken, layout: next } = task;
    if (typeof next === "string") {
      const newline = next.indexOf("\n");
      left -= newline < 0 ? next.length : newline;
      if (left < 0) return false;
      if (newline >= 0) return true;
    } else if (isList(next)) {
      for (let index = next.length - 1; index >= 0; index -= 1) {
        tasks.push({ ...task, layout: next[index] });
      }
    } else if (next.kind === "indent" || next.kind === "group") {
      tasks.push({ ...task, layout: next.inner });
    } else if (next.kind === "line") {
      if (broken || next.forced) return true;
      left -= next.flat.length;
    } else if (next.kind === "if-broken" && broken) left -= next.text.length;
    if (left < 0) return false;
  }
}
