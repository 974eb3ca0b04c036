import { FluxError, string } from "@tocsin/data/value";
import { definePackage, native } from "@tocsin/engine/interpret";

const get = native({
  name: "get",
  type: "(key: string) => string",
  docs:
    "The secret called `key`: from `--secrets`, else from the environment. It is masked wherever it " +
    "could be shown, and kept by reference in what is recorded.",
  effect: "acts",
  call: async (args, run) => {
    const key = args.string("key");
    const value = await run.host.secrets.get(key);
    if (value === undefined) {
      throw new FluxError("not found", `secret key "${key}" not found`, {
        hint: `set the environment variable ${key}, or give a file of KEY=value lines with --secrets`,
      });
    }
    run.addSecret(key, value);
    return string(value);
  },
});

export const packageDefinition = definePackage({
  path: "influxdata/influxdb/secrets",
  docs: "Values that scripts may use and nobody may see.",
  members: [get],
});
