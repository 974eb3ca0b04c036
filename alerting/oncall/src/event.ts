/**
 * The five words On-Call acts on. Any other word is accepted and treated as INFO: nobody is paged.
 */
export type MessageType = "CRITICAL" | "WARNING" | "ACKNOWLEDGEMENT" | "INFO" | "RECOVERY";

/** The words of `MessageType`, the loudest first. */
export const messageTypes: readonly MessageType[] = [
  "CRITICAL",
  "WARNING",
  "RECOVERY",
  "ACKNOWLEDGEMENT",
  "INFO",
];

/** What On-Call documents as its bounds. Lengths are in characters. */
export const limits = {
  entityId: 512,
  stateMessage: 20_480,
  field: 1024,
  annotation: 1124,
  /** Per organisation; above it alerts are late. */
  alertsPerMinute: 150,
} as const;

/** The word that On-Call would act on. Case does not matter to it; an unknown word is INFO. */
export function effectiveType(word: string): MessageType {
  const upper = word.toUpperCase();
  return messageTypes.find((type) => type === upper) ?? "INFO";
}

/** How many characters a field of an event may have. */
export function limitOf(field: string): number {
  if (field === "entity_id") return limits.entityId;
  if (field === "state_message") return limits.stateMessage;
  return field.startsWith("vo_annotate.") ? limits.annotation : limits.field;
}

/** What an event's body says, as far as order and people need it. */
interface EventBody {
  /** `entity_id`, or "" when there is none: On-Call then makes up a random one. */
  readonly entity: string;
  /** `message_type` as it was written, or "". */
  readonly messageType: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Reads a body as an event; undefined when it is no JSON object. */
export function parseEvent(text: string): EventBody | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
  const fields = parsed as Record<string, unknown>;
  return {
    entity: textOf(fields["entity_id"]),
    messageType: textOf(fields["message_type"]),
    fields,
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
