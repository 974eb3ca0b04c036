import { definePackage, flux } from "@tocsin/engine/interpret";

export const packageDefinition = definePackage({
  path: "profiler",
  docs: "Options of upstream's profiler. Accepted, so that scripts run; nothing is profiled by them.",
  members: [
    flux({
      name: "enabledProfilers",
      type: "[string]",
      docs: "Which profilers upstream would run.",
      option: true,
      source: `[""]`,
    }),
  ],
});
