import { flux } from "@tocsin/engine/interpret";

export const post = flux({
  name: "post",
  type: "(url: string, ?headers: A, ?data: bytes) => int where A: Record",
  docs:
    "Posts `data` to `url` and gives the HTTP status. A POST to an On-Call URL with a JSON body is an event: " +
    "recorded, ordered, retried; it gives 0 while it waits. Any other request gets one attempt of 10 seconds; " +
    "it is an error when no answer comes.",
  source: `(url, headers={}, data=bytes(v: "")) =>
    delivery.send(url: url, headers: headers, data: data).status`,
});
