/** What the doctor looks at, in the order of the report. */
type Area = "configuration" | "secrets" | "store" | "outbox" | "endpoint" | "clock" | "test event";

/** One thing that the doctor found. */
export interface Finding {
  readonly area: Area;
  /** `problem`: pages may be lost or late; `note`: worth knowing. */
  readonly state: "ok" | "note" | "problem";
  /** For people: what was found, and what to do about it. Never a secret. */
  readonly text: string;
}

/** Makes findings of one area. */
export const inArea =
  (area: Area) =>
  (state: Finding["state"], text: string): Finding => ({ area, state, text });

/** A finding as a line of text. */
export function lineOf({ area, state, text: said }: Finding): string {
  return `${state.padEnd(7)}  ${area.padEnd(13)}  ${said}`;
}
