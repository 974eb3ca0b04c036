import { flux } from "@tocsin/engine/interpret";

const request = `{
        url: url,
        headers: {"Authorization": "Bearer " + token, "Content-Type": "application/json"},
        data:
            json.encode(
                v: {
                    channel: channel,
                    attachments: [
                        {color: validateColorString(color: color), text: string(v: text), mrkdwn_in: ["text"]},
                    ],
                },
            ),
    }`;

export const slackRequest = flux({
  name: "_request",
  type: `(url: string, token: string, channel: A, text: B, color: string) =>
    {url: string, headers: {Authorization: string, "Content-Type": string}, data: bytes}`,
  docs: "The request for one message.",
  source: `(url, token, channel, text, color) => (${request})`,
});

export const message = flux({
  name: "message",
  type: "(?url: string, ?token: string, channel: A, text: B, color: string) => int",
  docs: "Posts one message to Slack; gives the HTTP status.",
  source: `(url=defaultURL, token="", channel, text, color) => {
    asked = _request(url: url, token: token, channel: channel, text: text, color: color)

    return delivery.send(url: asked.url, headers: asked.headers, data: asked.data).status
}`,
});

export const endpoint = flux({
  name: "endpoint",
  type: `(?url: string, ?token: string) => (mapFn: (r: A) => {B with channel: D, text: C, color: string}) => (
    <-tables: stream[A],
  ) => stream[{A with _sent: string, _status: string}]`,
  docs: "Posts one message for each row: `mapFn` gives its `channel`, `text` and `color`.",
  source: `(url=defaultURL, token="") =>
    (mapFn) =>
        (tables=<-) =>
            tables
                |> delivery.deliver(
                    fn: (r) => {
                        m = mapFn(r: r)

                        return _request(url: url, token: token, channel: m.channel, text: m.text, color: m.color)
                    },
                )`,
});
