import { onCallAddress, restVersion } from "@tocsin/alerting/oncall";
import type { Reason } from "../../delivery.ts";
import type { Integration } from "../integration.ts";

const urlToNotify =
  "Copy the URL from On-Call: Integrations > 3rd Party Integrations > REST Generic, and put a " +
  "routing key of Settings > Routing Keys at its end";

/** VictorOps, now Splunk On-Call: the REST endpoint. */
export const victorops: Integration = {
  name: "victorops",
  secretsOf: (url) => {
    const address = onCallAddress(url);
    return address === undefined ? [] : [address.key];
  },
  explain,
};

function explain(reason: Reason, url: string): string {
  switch (reason) {
    case "not-found":
      return `On-Call knows no such integration or path. ${pathAdvice(url)}`;
    case "unauthorised":
      return "Something on the way to On-Call denies access: a proxy, a firewall, or the account.";
    case "redirect":
      return (
        "It points to another address, and following it would give the key away. " +
        "Use On-Call's own address."
      );
    case "html-answer":
      return "A web page answered instead of On-Call: a login page or a proxy stands between.";
    case "tls":
      return "The certificate is not accepted: a proxy reads the traffic, or the host is wrong.";
    case "no-such-host":
      return "The host name does not exist; On-Call's is alert.victorops.com.";
    case "invalid-url":
      return `This is no URL that can be sent to. ${urlToNotify}.`;
    case "gone":
    case "method-not-allowed":
      return `This address takes no events. ${urlToNotify}.`;
    case "too-large":
      return "The event is too large; shorten stateMessage.";
    default:
      return "";
  }
}

function pathAdvice(url: string): string {
  const address = onCallAddress(url);
  if (address === undefined) {
    const path = `/integrations/generic/${restVersion}/alert/KEY/ROUTING_KEY`;
    return `The path is not ${path}. ${urlToNotify}.`;
  }
  const version =
    address.version === restVersion
      ? ""
      : ` The path holds ${address.version} where On-Call wants ${restVersion}.`;
  const routing = address.routingKey === "" ? " The routing key at the end is missing." : "";
  return (
    `Check the integration key: it is not the API key of Integrations > API.` +
    `${version}${routing} ${urlToNotify}.`
  );
}
