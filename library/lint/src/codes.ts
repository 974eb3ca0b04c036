/**
 * Every diagnostic of this room with its title. Each has a page in `docs/diagnostics` under its code:
 * cause, example, how to mend it.
 */
export const lintCodes: Readonly<Record<string, string>> = {
  E0301: "On-Call URL that lost a slash",
  E0302: "Placeholder that is left in the On-Call URL",
  W0305: "Message type that On-Call does not know",
  W0306: "Incident that nothing resolves",
  W0307: "Entity that changes while the trouble is the same",
  W0308: "Entity that does not say what is in trouble",
  W0309: "Timestamp that is not in nanoseconds",
  W0310: "Key that no event has",
  W0311: "Integration key in the script",
  W0312: "Address that On-Call does not answer to",
  W0313: "Field that is longer than On-Call takes",
  W0314: "Null in a text",
  W0315: "Endpoint that never runs",
  W0316: "Column that a step has taken away",
  W0317: "Range that does not fit how often the task runs",
  W0318: "Two pipelines that open the same incident",
  W0319: "Event that is sent again by hand",
  W0320: "Event that is posted by hand",
  W0321: "Comparison of different types",
  W0322: "Allowance without a reason",
  W0323: "Allowance for nothing",
  W0324: "Range that is empty",
  W0325: "Task that does not say when it runs",
  W0326: "Range with a bound that is no time",
};
