/** A request that a script asks for. It does not send it: `Deliveries` does. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Text is sent as UTF-8. */
  readonly body?: string | Uint8Array;
  /**
   * Name of the integration whose endpoint function asks ("victorops"): the request is then an
   * event whatever its URL. Without it the URL's shape decides.
   */
  readonly integration?: string;
  /** Line of the script that asks, for people. */
  readonly line?: number;
  /** Direct requests only. Default 10 000; 0 means no limit. */
  readonly timeoutMilliseconds?: number;
  /** Direct requests only. */
  readonly insecureSkipVerify?: boolean;
}

/** A whole answer to a request. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** From the first byte sent to the last byte read. */
  readonly milliseconds: number;
}

/**
 * What became of a request. Events: `accepted`, `refused`, `parked`, `superseded` and `discarded`
 * are final; `waiting` is recorded and leaves later. Direct requests: `answered` (whatever the
 * status) or `failed` (no answer came).
 */
export type SettlementState =
  | "accepted"
  | "refused"
  | "waiting"
  | "parked"
  | "superseded"
  | "discarded"
  | "answered"
  | "failed";

/** What is known of a request when its row may go on. */
export interface Settlement {
  readonly state: SettlementState;
  /** Last HTTP status as text; "" when no answer came. What `_status` shows. */
  readonly status: string;
  /** One word of a closed list (`Reason` of alerting/delivery, or why a direct request failed). */
  readonly reason: string;
  /** For people: what happened and what to do. Never holds a secret or the URL's key. */
  readonly detail: string;
  /** The last whole answer, when one came in this process. */
  readonly answer?: Answer;
}

/** One request on its way. */
export interface Dispatch {
  /** Events are recorded, ordered and retried. Direct requests get one attempt. */
  readonly kind: "event" | "direct";
  /** Never rejects. Resolves when the request is settled, or when waiting for it is over. */
  readonly settled: Promise<Settlement>;
  /** The same as soon as it is known: then nobody has to wait for it. */
  readonly now?: Settlement | undefined;
}

/** The gate that every request of a script passes. A script cannot perform a delivery itself. */
export interface Deliveries {
  /**
   * Resolves, in the order of `requests`, when every event among them is recorded (one durable
   * transaction per call); they are then on their way. Rejects when they cannot be recorded: none
   * of
   * them is sent then. Direct requests are started in the same order.
   */
  deliver(requests: readonly OutgoingRequest[]): Promise<readonly Dispatch[]>;
}
