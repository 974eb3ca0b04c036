import { definePackage } from "@tocsin/engine/interpret";
import { defaultConfig, emptyBody } from "./defaults.ts";
import { doRequest, get, peek, perform, post } from "./do.ts";

export const packageDefinition = definePackage({
  path: "http/requests",
  docs: "Sends HTTP requests and looks at the answers.",
  imports: ["array"],
  members: [perform, emptyBody, defaultConfig, doRequest, get, peek, post],
});
