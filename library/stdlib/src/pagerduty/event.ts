import { flux } from "@tocsin/engine/interpret";

const fields = `class: A, client: B, clientURL: C, dedupKey: D, eventAction: E, group: F, routingKey: G,
    severity: H, source: I, summary: string, timestamp: J, ?component: K, ?customDetails: L`;

const names = [
  "routingKey",
  "client",
  "clientURL",
  "dedupKey",
  "class",
  "group",
  "severity",
  "eventAction",
  "source",
  "component",
  "summary",
  "timestamp",
  "customDetails",
];
const parameters = names
  .map((name) =>
    name === "component"
      ? 'component=""'
      : name === "customDetails"
        ? "customDetails=record.any"
        : name,
  )
  .join(", ");
const passed = names.map((name) => `${name}: ${name}`).join(", ");

/** PagerDuty takes 1,024 characters; upstream cuts at 1,023. */
const SUMMARY_MAX = 1023;

/** The request for one event. */
export const pagerdutyRequest = flux({
  name: "_request",
  type: `(pagerdutyURL: string, ${fields}) =>
    {url: string, headers: {Accept: string, "Content-Type": string}, data: bytes} where L: Equatable`,
  docs: "The request for one event.",
  source: `(pagerdutyURL, ${parameters}) => {
    plain = {
        summary: strings.substring(v: summary, start: 0, end: ${SUMMARY_MAX}),
        timestamp: timestamp,
        source: source,
        component: component,
        severity: severity,
        group: group,
        class: class,
    }
    event = {
        payload: plain,
        routing_key: routingKey,
        dedup_key: dedupKey,
        event_action: eventAction,
        client: client,
        client_url: clientURL,
    }
    data =
        if customDetails == record.any then
            json.encode(v: event)
        else
            json.encode(v: {event with payload: {plain with custom_details: customDetails}})

    return {
        url: pagerdutyURL,
        headers: {Accept: "application/vnd.pagerduty+json;version=2", "Content-Type": "application/json"},
        data: data,
    }
}`,
});

/** Gives the whole answer. */
export const sendWhole = flux({
  name: "_sendEvent",
  type: `(?pagerdutyURL: string, ${fields}) =>
    {statusCode: int, body: bytes, headers: [string:string], duration: duration} where L: Equatable`,
  docs:
    "Sends one event; gives status and body of the answer in the shape of `requests.post`. Of headers and duration " +
    "nothing is kept: they are empty.",
  source: `(pagerdutyURL=defaultURL, ${parameters}) => {
    asked = _request(pagerdutyURL: pagerdutyURL, ${passed})

    answer = delivery.send(url: asked.url, headers: asked.headers, data: asked.data)

    return {statusCode: answer.status, body: bytes(v: answer.body), headers: [:], duration: 0s}
}`,
});

export const sendEvent = flux({
  name: "sendEvent",
  type: `(?pagerdutyURL: string, ${fields}) => int where L: Equatable`,
  docs: "Sends one event to PagerDuty; gives the HTTP status.",
  source: `(pagerdutyURL=defaultURL, ${parameters}) =>
    _sendEvent(pagerdutyURL: pagerdutyURL, ${passed}).statusCode`,
});

export const endpoint = flux({
  name: "endpoint",
  type: `(?url: string) => (
    mapFn: (r: {A with _pagerdutyDedupKey: string}) => {B with
      routingKey: C, client: D, clientURL: E, class: F, group: G, severity: H, eventAction: I,
      source: J, summary: string, timestamp: K,
    },
  ) => (<-tables: stream[A]) => stream[{A with
    _pagerdutyDedupKey: string, _sent: string, _status: string, _body: string,
  }]`,
  docs:
    "Sends one event to PagerDuty for each row. The incident's key is made of the group key (see `dedupKey`). " +
    "`mapFn` may also return `component` and `customDetails`.",
  source: `(url=defaultURL) =>
    (mapFn) =>
        (tables=<-) =>
            tables
                |> dedupKey()
                |> delivery.deliver(
                    added: ["_status", "_body"],
                    fn: (r) => {
                        e = mapFn(r: r)

                        return _request(
                            pagerdutyURL: url,
                            dedupKey: r._pagerdutyDedupKey,
                            component: record.get(r: e, key: "component", default: ""),
                            customDetails: record.get(r: e, key: "customDetails", default: record.any),
                            ${names
                              .filter(
                                (name) =>
                                  !["dedupKey", "component", "customDetails"].includes(name),
                              )
                              .map((name) => `${name}: e.${name}`)
                              .join(", ")},
                        )
                    },
                )`,
});
