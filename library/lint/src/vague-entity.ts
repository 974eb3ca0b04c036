import type { Diagnostic } from "@tocsin/language/syntax";
import type { AbstractRequest } from "./abstract/index.ts";
import { possibleValues } from "./abstract/index.ts";
import type { Row } from "./abstract/value.ts";
import { columnsIn, holdsMystery } from "./entity.ts";
import {
  fieldSpan,
  oncePerPlace,
  type Placed,
  placedValues,
  type PlanLint,
  type Seen,
} from "./plan-lint.ts";

/** `entityID` that is empty, or the same for things that can be in trouble on their own. */
export const vagueEntity: PlanLint = {
  codes: ["W0308"],
  look: (seen) =>
    oncePerPlace(
      seen.events.flatMap((request) => {
        const values = placedValues(seen, request, "entityID");
        const empty = values.find(({ value }) => value.kind === "string" && value.value === "");
        if (empty !== undefined) return [saidOfEmpty(seen, request, empty)];
        const vague = vagueIn(request, values);
        return vague === undefined ? [] : [vague];
      }),
    ),
};

function saidOfEmpty(seen: Seen, request: AbstractRequest, { span, own }: Placed): Diagnostic {
  return {
    code: "W0308",
    severity: "warning",
    span: own ? span : fieldSpan(seen, request, "entityID"),
    message:
      "the entityID is empty: On-Call makes up a random one, so that no RECOVERY can resolve the incident",
    hint: 'name what is in trouble: entityID: "${r.host}-cpu"',
  };
}

function vagueIn(request: AbstractRequest, values: readonly Placed[]): Diagnostic | undefined {
  const { rows } = request;
  if (rows === undefined || rows.single || values.length === 0 || isOfOneHost(rows.row))
    return undefined;
  const columns = values.flatMap(({ value }) => columnsIn(value));
  if (values.some(({ value }) => holdsMystery(value)) || columns.some(tellsApart)) return undefined;
  const others = othersOf(request, columns);
  if (others.length === 0 && !mixesAnything(request)) return undefined;
  const made =
    columns.length === 0 ? "is the same for every row" : `is made of ${listed(columns)} alone`;
  const merged =
    others.length === 0 ? "all that the rows are about" : `rows of different ${listed(others)}`;
  return {
    code: "W0308",
    severity: "warning",
    span: values[0].span,
    message: `the entityID ${made}: ${merged} become one incident, and the first RECOVERY resolves it for all`,
    hint: `say in it what is in trouble${others.length === 0 ? ', for example "${r.host}"' : `: \`\${r.${others[0]}}\``}`,
  };
}

/** What machines and the like are called in tags. */
const hostLike =
  /^(?:.*_)?(?:host|hostname|server|servername|node|instance|device|machine|vm|pod|container|computer|router|switch|sensor|meter|serial|mac|ip|addr|address|url|domain|site)(?:_(?:name|id))?$/iu;

/** A filter has chosen one machine: then a constant names it. */
function isOfOneHost(row: Row): boolean {
  return [...row.fields, ...row.asked].some(
    ([label, value]) =>
      hostLike.test(label) && value.kind === "unknown" && value.among?.length === 1,
  );
}

const listed = (labels: readonly string[]): string =>
  labels.map((label) => `\`r.${label}\``).join(", ");

/** Columns that begin with `_` are the same for all hosts: the measurement, the field, the check. */
const tellsApart = (label: string): boolean => !label.startsWith("_");

/** Columns that the event itself shows, or that tables are told apart by, and the entity lacks. */
function othersOf(request: AbstractRequest, columns: readonly string[]): string[] {
  const shown = ["entityDisplayName", "stateMessage"].flatMap((field) =>
    possibleValues(request, field).flatMap(({ value }) => columnsIn(value)),
  );
  const key = request.rows?.key;
  const grouped =
    key?.mode === "by" ? key.columns.filter((label) => varies(request.rows?.row, label)) : [];
  const fields = request.rows?.row.fields;
  return [...new Set([...shown, ...grouped])].filter((label) => {
    const value = fields?.get(label);
    const measured =
      value?.kind === "unknown" &&
      value.from.some((one) => one.kind === "column" && one.role === "field");
    return (
      tellsApart(label) &&
      !columns.includes(label) &&
      !measured &&
      isText(value?.kind === "unknown" ? value.type : "string")
    );
  });
}

const isText = (type: string | undefined): boolean => type === undefined || type === "string";

function varies(row: Row | undefined, label: string): boolean {
  const value = row?.fields.get(label) ?? row?.asked.get(label);
  return value === undefined || (value.kind === "unknown" && value.among?.length !== 1);
}

/** Rows straight from a bucket, of which no tag is pinned to one value: they are of many things. */
function mixesAnything({ rows }: AbstractRequest): boolean {
  if (rows === undefined || rows.row.rest !== "tags") return false;
  const pinned = [...rows.row.fields, ...rows.row.asked].some(
    ([label, value]) => tellsApart(label) && value.kind === "unknown" && value.among?.length === 1,
  );
  return !pinned;
}
