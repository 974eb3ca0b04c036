import { expect, test } from "vitest";
import { OnCall, recordingDeliveries } from "@tocsin/alerting/oncall";

/** "CRITICAL:db" for each alert; gives what each did. */
function effects(words: string): string[] {
  const oncall = new OnCall(() => "random-1");
  return words.split(" ").map((word) => {
    const [type, entity] = word.split(":");
    const body = JSON.stringify({ message_type: type, entity_id: entity });
    const { effect, notes } = oncall.receive(body, "ops", 0);
    return [effect, ...notes].join("; ");
  });
}

test("alerts of an entity roll up into one incident until it is resolved", () => {
  expect(
    effects("WARNING:a critical:a CRITICAL:a ACKNOWLEDGEMENT:a RECOVERY:a RECOVERY:a CRITICAL:a"),
  ).toEqual([
    "opens incident 1 and pages ops",
    "makes incident 1 critical and pages ops again",
    "rolls up into incident 1",
    "acknowledges incident 1",
    "resolves incident 1",
    "nothing: there is no open incident of this entity",
    "opens incident 2 and pages ops",
  ]);
});

test("what On-Call accepts and nobody is paged for is said", () => {
  expect(effects("crit:a CRITICAL:")).toEqual([
    'a line in the timeline; "crit" is no message type: treated as INFO, nobody is paged',
    "opens incident 1 and pages ops; no entity_id: nothing can ever resolve this",
  ]);
});

test.each([
  ["not json", "the body is no JSON object"],
  ["{}", "Missing fields: message_type"],
  [{ entity_id: "é".repeat(513) }, "entity_id has 513 characters, and may have 512"],
  [{ state_message: "x".repeat(20_481) }, "state_message has 20481 characters, and may have 20480"],
  [{ custom: "x".repeat(1025) }, "custom has 1025 characters, and may have 1024"],
  [
    { "vo_annotate.u.Run": "x".repeat(1125) },
    "vo_annotate.u.Run has 1125 characters, and may have 1124",
  ],
])("refuses %.40j", (fields, message) => {
  const body =
    typeof fields === "string" ? fields : JSON.stringify({ message_type: "INFO", ...fields });
  expect(new OnCall(() => "r").receive(body, "ops", 0).answer).toEqual({
    result: "failure",
    message,
  });
});

test("more than 150 alerts in a minute are late, and a time that is no second is said", () => {
  const oncall = new OnCall(() => "r");
  const body = JSON.stringify({ message_type: "INFO", state_start_time: 1_700_000_000_000 });
  const notes = Array.from({ length: 151 }, () => oncall.receive(body, "", 0).notes);
  expect(notes[149].join()).not.toContain("late");
  expect(notes[150].join()).toContain("more than 150 alerts in a minute");
  expect(notes[0].join()).toContain("state_start_time is not a time in whole seconds");
});

test("a dry run keeps each request as it would be sent, and sends none", async () => {
  const dry = recordingDeliveries();
  const url = "https://x/integrations/generic/00000000/alert/KEY/ops";
  const asked = [
    { method: "POST", url, headers: {}, body: '{"message_type":"INFO"}' },
    { method: "POST", url, headers: {}, body: "no json" },
    { method: "GET", url: "https://x/", headers: {} },
    { method: "POST", url: "https://x/", headers: {}, body: "{}", integration: "victorops" },
  ];
  const handles = await dry.deliver(asked);
  expect(handles.map((one) => one.kind)).toEqual(["event", "direct", "direct", "event"]);
  expect(await handles[0].settled).toMatchObject({ state: "accepted", status: "200" });
  expect(dry.requests.map((one) => one.request)).toEqual(asked);
});
