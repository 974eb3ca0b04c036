import { effectiveType, limitOf, limits, type MessageType, parseEvent } from "./event.ts";

/** What On-Call keeps under one `entity_id` from the first alert until it is resolved. */
export interface Incident {
  readonly number: number;
  readonly entityId: string;
  displayName: string;
  state: "triggered" | "acknowledged" | "resolved";
  messageType: MessageType;
  stateMessage: string;
  monitoringTool: string;
  readonly routingKey: string;
  /** Alerts rolled up into it. */
  alerts: number;
  /** How often people were paged for it. */
  pages: number;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
  resolvedAt?: number;
}

/**
 * What an alert does to the incidents: `nothing` when there is none that it could concern, `refused`
 * when On-Call does not take it.
 */
export type Outcome =
  | "opens"
  | "pages-again"
  | "rolls-up"
  | "acknowledges"
  | "resolves"
  | "timeline"
  | "nothing"
  | "refused";

/** On-Call's answer to one alert, and what a person should know about it. */
export interface Receipt {
  readonly status: number;
  readonly answer: {
    readonly result: "success" | "failure";
    readonly entity_id?: string;
    readonly message?: string;
  };
  readonly type: MessageType | undefined;
  readonly entityId: string;
  readonly outcome: Outcome;
  /** The incident that it opened or changed. */
  readonly incident: number | undefined;
  /** What it did: "opens incident 1 and pages ops". */
  readonly effect: string;
  /** Why nobody was paged; undefined: somebody was. */
  readonly unpaged: string | undefined;
  /** What is legal and still a mistake. */
  readonly notes: readonly string[];
}

/** A field of an event for people: scripts may put anything into it. */
export function wordsOf(field: unknown): string {
  if (typeof field === "string") return field;
  return field === undefined || field === null ? "" : JSON.stringify(field);
}

const year2001 = 1_000_000_000;
const year2286 = 10_000_000_000;

/** On-Call as its documentation describes it: fields, limits, roll-up by entity, incidents. */
export class OnCall {
  readonly #incidents: Incident[] = [];
  readonly #open = new Map<string, Incident>();
  readonly #randomId: () => string;
  #recent: number[] = [];

  /** `randomId` names entities that came without a name. */
  constructor(randomId: () => string) {
    this.#randomId = randomId;
  }
  /** All incidents, the oldest first. */
  get incidents(): readonly Readonly<Incident>[] {
    return this.#incidents;
  }

  /** Takes an alert. `at`: milliseconds since 1970. */
  receive(body: string, routingKey: string, at: number): Receipt {
    const event = parseEvent(body);
    if (event === undefined) return refusal("the body is no JSON object");
    if (event.messageType === "") return refusal("Missing fields: message_type");
    const tooLong = firstTooLong(event.fields);
    if (tooLong !== undefined) return refusal(tooLong, event.entity);
    const type = effectiveType(event.messageType);
    const entityId = event.entity === "" ? this.#randomId() : event.entity;
    const field = (name: string) => wordsOf(event.fields[name]);
    const notes = [
      ...(type === "INFO" && event.messageType.toUpperCase() !== "INFO"
        ? [`"${event.messageType}" is no message type: treated as INFO, nobody is paged`]
        : []),
      ...(event.entity === "" ? ["no entity_id: nothing can ever resolve this"] : []),
      ...timeNotes(event.fields["state_start_time"]),
      ...this.#rateNotes(at),
    ];
    const done = this.#apply({
      type,
      word: event.messageType,
      entityId,
      routingKey,
      at,
      displayName: field("entity_display_name") === "" ? entityId : field("entity_display_name"),
      stateMessage: field("state_message"),
      monitoringTool: field("monitoring_tool"),
    });
    const answer = { result: "success", entity_id: entityId } as const;
    return { status: 200, answer, type, entityId, ...done, notes };
  }

  #apply(alert: Alert): Done {
    const open = this.#open.get(alert.entityId);
    if (alert.type === "INFO") {
      const known = alert.word.toUpperCase() === "INFO";
      const why = known
        ? "INFO pages nobody"
        : `"${alert.word}" counts as INFO, which pages nobody`;
      return { outcome: "timeline", incident: undefined, effect: timelineLine, unpaged: why };
    }
    if (open === undefined) {
      if (alert.type === "CRITICAL" || alert.type === "WARNING") return this.#begin(alert);
      const why = `${alert.type} pages nobody, and no incident of this entity is open`;
      return { outcome: "nothing", incident: undefined, effect: nothingOpen, unpaged: why };
    }
    return this.#change(open, alert);
  }

  #change(open: Incident, alert: Alert): Done {
    const incident = open.number;
    open.alerts += 1;
    const before = open.messageType;
    open.messageType = alert.type;
    open.stateMessage = alert.stateMessage;
    switch (alert.type) {
      case "RECOVERY":
        open.state = "resolved";
        open.resolvedAt = alert.at;
        this.#open.delete(alert.entityId);
        return {
          outcome: "resolves",
          incident,
          effect: `resolves incident ${incident}`,
          unpaged: "RECOVERY pages nobody",
        };
      case "ACKNOWLEDGEMENT":
        open.state = "acknowledged";
        return {
          outcome: "acknowledges",
          incident,
          effect: `acknowledges incident ${incident}`,
          unpaged: "ACKNOWLEDGEMENT pages nobody",
        };
      case "CRITICAL":
      case "WARNING":
        return this.#again(open, alert, before);
      case "INFO":
        return {
          outcome: "timeline",
          incident,
          effect: timelineLine,
          unpaged: "INFO pages nobody",
        };
    }
  }

  #again(open: Incident, alert: Alert, before: MessageType): Done {
    const incident = open.number;
    if (alert.type === "WARNING" || before !== "WARNING") {
      const effect = `rolls up into incident ${incident}`;
      const unpaged = `incident ${incident} of this entity is open already`;
      return { outcome: "rolls-up", incident, effect, unpaged };
    }
    open.state = "triggered";
    open.pages += 1;
    const effect = `makes incident ${incident} critical and pages ${team(alert)} again`;
    return { outcome: "pages-again", incident, effect, unpaged: undefined };
  }

  #begin(alert: Alert): Done {
    const { entityId, displayName, stateMessage, monitoringTool, routingKey } = alert;
    const incident: Incident = {
      number: this.#incidents.length + 1,
      entityId,
      displayName,
      stateMessage,
      monitoringTool,
      routingKey,
      state: "triggered",
      messageType: alert.type,
      alerts: 1,
      pages: 1,
      openedAt: alert.at,
    };
    this.#incidents.push(incident);
    this.#open.set(entityId, incident);
    return {
      outcome: "opens",
      incident: incident.number,
      effect: `opens incident ${incident.number} and pages ${team(alert)}`,
      unpaged: undefined,
    };
  }

  #rateNotes(at: number): string[] {
    const recent = [...this.#recent.filter((one) => one > at - 60_000), at];
    // So many are enough to tell, however many come.
    this.#recent = recent.slice(-limits.alertsPerMinute - 1);
    const late = this.#recent.length > limits.alertsPerMinute;
    return late ? [`more than ${limits.alertsPerMinute} alerts in a minute: On-Call is late`] : [];
  }
}

const timelineLine = "a line in the timeline";
const nothingOpen = "nothing: there is no open incident of this entity";

type Done = Pick<Receipt, "outcome" | "incident" | "effect" | "unpaged">;

interface Alert {
  readonly type: MessageType;
  /** As it was written. */
  readonly word: string;
  readonly entityId: string;
  readonly displayName: string;
  readonly stateMessage: string;
  readonly monitoringTool: string;
  readonly routingKey: string;
  readonly at: number;
}

function team(alert: Alert): string {
  return alert.routingKey === "" ? "the default team" : alert.routingKey;
}

function refusal(message: string, entityId = ""): Receipt {
  const answer = { result: "failure", message } as const;
  return {
    status: 400,
    answer,
    type: undefined,
    entityId,
    outcome: "refused",
    incident: undefined,
    effect: `refused: ${message}`,
    unpaged: "On-Call refuses the alert",
    notes: [],
  };
}

function firstTooLong(fields: Readonly<Record<string, unknown>>): string | undefined {
  for (const [name, value] of Object.entries(fields)) {
    const most = limitOf(name);
    const length = typeof value === "string" ? [...value].length : 0;
    if (length > most) return `${name} has ${length} characters, and may have ${most}`;
  }
  return undefined;
}

function timeNotes(time: unknown): string[] {
  if (time === undefined) return [];
  const number = Number(time);
  if (Number.isInteger(number) && number >= year2001 && number < year2286) return [];
  return ["state_start_time is not a time in whole seconds"];
}
