import { definePackage, flux } from "@tocsin/engine/interpret";

export const packageDefinition = definePackage({
  path: "internal/location",
  docs: "The time zone that windows and dates use unless they are given another.",
  members: [
    flux({
      name: "location",
      type: "{zone: string, offset: duration}",
      docs: "Time zone of windows and dates. Set it to `timezone.location(name: …)`.",
      option: true,
      source: `{zone: "UTC", offset: 0h}`,
    }),
  ],
});
