import { definePackage, flux } from "@tocsin/engine/interpret";

const server = "?host: string, ?orgID: string, ?token: string";

const asked = flux({
  name: "_asked",
  type: `(what: string, query: [string: string], host: string, orgID: string, token: string) => bytes`,
  docs: "What InfluxDB Cloud answers about an organisation.",
  source: `(what, query, host, orgID, token) => {
    org = if orgID == "" then "{orgID}" else http.pathEscape(inputString: orgID)
    answer =
        influxdb.api(
            method: "GET",
            path: "/api/v2/orgs/\${org}/\${what}",
            query: query,
            host: host,
            token: token,
        )

    return
        if answer.statusCode < 300 then
            answer.body
        else
            die(msg: "usage: InfluxDB answers \${answer.statusCode} to a question about \${what}: \${string(v: answer.body)}")
}`,
});

const from = flux({
  name: "from",
  type: `(start: A, stop: B, ${server}, ?raw: C) => stream[D] where D: Record`,
  docs:
    "What an organisation of InfluxDB Cloud used between two times: its requests, writes and queries. `raw` " +
    "gives each sample, not hours.",
  source: `(start, stop, host="", orgID="", token="", raw=false) => {
    query = ["start": string(v: start), "stop": string(v: stop), "raw": string(v: raw)]

    return csv.from(csv: string(v: _asked(what: "usage", query: query, host: host, orgID: orgID, token: token)))
}`,
});

const limits = flux({
  name: "limits",
  type: `(${server}) => A`,
  docs: "The limits of an organisation of InfluxDB Cloud, as a record.",
  source: `(host="", orgID="", token="") =>
    json.parse(data: _asked(what: "limits", query: [:], host: host, orgID: orgID, token: token)).limits`,
});

export const packageDefinition = definePackage({
  path: "experimental/usage",
  docs: "What an organisation of InfluxDB Cloud uses, and may use.",
  imports: ["csv", "experimental/influxdb", "experimental/json", "http"],
  members: [asked, from, limits],
});
