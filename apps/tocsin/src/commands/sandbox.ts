import { systemClock } from "@tocsin/adapters/host-node";
import { type Command, list, text, UsageError } from "../command.ts";
import { interruption } from "../interruption.ts";
import { startSandbox } from "../sandbox.ts";
import { parseFault } from "../sandbox-faults.ts";

/** `tocsin sandbox`. */
export const command: Command = {
  summary: "Starts a local stand-in for Splunk On-Call and shows what it receives.",
  usage: "[--port P] [--fault FAULT…]",
  details:
    "It follows the service's rules: message types, limits, incidents that roll up by entity. It serves JSON at /requests\n" +
    "and /incidents. Faults, each with an optional probability after a colon: status=429:0.1, delay=500ms, reset, hang,\n" +
    "failure-body, html.",
  options: {
    port: {
      type: "string",
      short: "p",
      value: "P",
      help: "port on 127.0.0.1 (default: any free one)",
    },
    fault: {
      type: "string",
      multiple: true,
      value: "FAULT",
      help: "something that goes wrong, and how often",
    },
    seed: { type: "string", value: "N", help: "seed of the faults' randomness" },
  },
  examples: [
    "tocsin sandbox --port 8099",
    "tocsin sandbox --fault status=429:0.1 --fault delay=500ms",
  ],
  run: async (invocation) => {
    const { streams, operands } = invocation;
    if (operands.length > 0)
      throw new UsageError(`sandbox takes options only, not "${operands[0]}"`);
    const seed = text(invocation, "seed");
    const sandbox = await startSandbox({
      port: portOf(text(invocation, "port")),
      faults: list(invocation, "fault").map(known),
      ...(seed === undefined ? {} : { seed: seedOf(seed) }),
      clock: systemClock,
      onTimeline: (line) => void streams.out.write(`${line}\n`),
    });
    const stop = interruption(undefined);
    streams.out.write(`listening on ${sandbox.origin} (requests at ${sandbox.origin}/requests)\n`);
    streams.out.write(`send to it with: tocsin run --deliver-to ${sandbox.origin} alert.flux\n`);
    await new Promise<void>((resolve) => stop.signal.addEventListener("abort", resolve));
    await sandbox.close();
    stop.end();
    return stop.exitCode() ?? 0;
  },
};

/** The fault as it was given. Throws `UsageError` for one that does not exist. */
function known(fault: string): string {
  try {
    parseFault(fault);
    return fault;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function seedOf(given: string): number {
  const seed = Number(given);
  if (given.trim() !== "" && Number.isSafeInteger(seed)) return seed;
  throw new UsageError(`--seed takes a whole number, not "${given}"`);
}

function portOf(given: string | undefined): number {
  if (given === undefined) return 0;
  const port = Number(given);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new UsageError(`--port takes a number up to 65535, not "${given}"`);
}
