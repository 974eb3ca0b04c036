import { flux } from "@tocsin/engine/interpret";

const parameters = `(
    url: string, messageType: A, ?monitoringTool: B, ?entityID: C, ?entityDisplayName: D,
    ?stateMessage: E, ?timestamp: F,
  ) => int`;

const source = `(
    url,
    monitoringTool="InfluxDB",
    messageType,
    entityID="",
    entityDisplayName="",
    stateMessage="",
    timestamp=now(),
) => {
    asked = _request(
        url: url,
        monitoringTool: monitoringTool,
        event: {messageType, entityID, entityDisplayName, stateMessage, timestamp},
    )
    answer = delivery.send(integration: "victorops", url: asked.url, headers: asked.headers, data: asked.data)

    return answer.status
}`;

export const alert = flux({
  name: "alert",
  type: parameters,
  docs: "Sends one event to Splunk On-Call (VictorOps). Gives the HTTP status, 0 when no answer came.",
  source,
});

/** The name that the reference pages use for the same function. */
export const event = flux({
  name: "event",
  type: parameters,
  docs: "Sends one event to Splunk On-Call (VictorOps): `alert` under the name that its reference page uses.",
  source: "alert",
});
