import { hasOutbox, lookIntoOutbox } from "@tocsin/adapters/outbox";
import type { OutboxStore } from "@tocsin/alerting/delivery";
import { Masker } from "@tocsin/alerting/oncall";
import { choice, type Command, nearest, text, UsageError } from "../command.ts";
import { configuration } from "../configuration.ts";
import { dataFolder } from "../data-folder.ts";
import { type EntityEvent, type EntityStory, storyOf } from "../entity-story.ts";
import { howToSend } from "../run-messages.ts";

/** `tocsin why`. */
export const command: Command = {
  summary: "Says what was sent about an entity, and why it paged or did not.",
  usage: "ENTITY",
  details:
    "Reads the outbox: every event about the entity in the last 30 days, what became of it, and what On-Call does with it\n" +
    "by its rules (docs/backtest.md). Exit codes: 0 every event is settled; 1 there is none about the entity; 3 one waits.",
  options: {
    data: { type: "string", value: "DIR", help: "folder of the outbox" },
    output: { type: "string", value: "FORMAT", help: "text or json (default: text)" },
  },
  examples: ["tocsin why web-1/cpu", "tocsin why --output json web-1/cpu"],
  run: async (invocation) => {
    const { streams, operands } = invocation;
    const [entity, ...more] = operands;
    if (entity === undefined || more.length > 0)
      throw new UsageError("say which entity: its entityID, in quotes when it has spaces");
    const format = choice(invocation, "output", ["text", "json"]);
    const set = await configuration(streams.cwd, streams.env);
    const folder = dataFolder(text(invocation, "data") ?? set.data, streams.env, streams.cwd);
    if (!hasOutbox(folder)) {
      streams.err.write(`nothing is known of ${entity}: there is no outbox in ${folder} yet\n`);
      return 1;
    }
    const { store, trouble, close } = await lookIntoOutbox(folder);
    if (trouble !== undefined) streams.err.write(`${trouble.message}\n`);
    try {
      const story = await storyOf(store, entity);
      if (story === undefined) {
        streams.err.write(`${clean(await unknown(store, entity, folder))}\n`);
        return 1;
      }
      const shown =
        format === "json"
          ? `${JSON.stringify(story, undefined, 2)}\n`
          : linesOf(story, folder)
              .map((line) => `${clean(line)}\n`)
              .join("");
      streams.out.write(new Masker().mask(shown));
      return story.waiting > 0 ? 3 : 0;
    } finally {
      await close();
    }
  },
};

/** A line without control characters: text from data must not move a terminal's cursor. */
function clean(line: string): string {
  return line.replace(/\p{Cc}/gu, " ");
}

async function unknown(store: OutboxStore, entity: string, folder: string): Promise<string> {
  const entities = [...new Set((await store.list({})).map((one) => one.entity))];
  const lower = entity.toLowerCase();
  const near =
    entities.find((one) => one.toLowerCase().includes(lower)) ?? nearest(entity, entities);
  const hint = near === undefined || near === "" ? "" : `; did you mean ${near}?`;
  return `nothing was sent about ${entity} in the last 30 days (outbox in ${folder})${hint}`;
}

function linesOf(story: EntityStory, folder: string): string[] {
  const last = story.events.at(-1);
  const head = `${story.entity}: last seen ${story.lastSeen}${last === undefined ? "" : `, ${last.messageType} (${last.state})`}`;
  const widest = Math.max(...story.events.map(({ messageType }) => messageType.length));
  const lines = story.events.flatMap((one) => [
    `${one.recordedAt}  ${one.messageType.padEnd(widest)}  ${outcomeOf(one)}`,
    ...(one.redirect === undefined
      ? []
      : [`${" ".repeat(26)}went to ${one.redirect} (--deliver-to)`]),
    ...(one.unpaged === undefined || one.effect?.includes(one.unpaged) === true
      ? []
      : [`${" ".repeat(26)}nobody was paged: ${one.unpaged}`]),
  ]);
  const { waiting } = story;
  if (waiting === 0) return [head, "", ...lines];
  const words = `${waiting} ${waiting === 1 ? "event about it waits" : "events about it wait"}`;
  return [head, "", ...lines, "", `${words} in ${folder}`, howToSend(folder)];
}

function outcomeOf(one: EntityEvent): string {
  const why = one.detail === "" ? "" : `: ${one.detail}`;
  switch (one.state) {
    case "accepted":
      return `accepted, ${one.effect ?? ""}`;
    case "waiting": {
      const next = one.nextAttemptAt === undefined ? "" : `; next attempt ${one.nextAttemptAt}`;
      return `waits${why === "" ? ": not sent yet" : why.replace(/\.$/u, "")}${next}`;
    }
    default:
      return `${one.state}${why}`;
  }
}
