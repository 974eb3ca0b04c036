import { definePackage } from "@tocsin/engine/interpret";
import { doRequest, get, peek, perform, post } from "../../../http/requests/do.ts";
import { defaultConfig, emptyBody } from "../../../http/requests/defaults.ts";

/** The same functions as `http/requests`, under a `defaultConfig` of their own. */
export const packageDefinition = definePackage({
  path: "experimental/http/requests",
  docs: "Sends HTTP requests and looks at the answers: `http/requests` under its former name.",
  imports: ["array"],
  members: [perform, emptyBody, defaultConfig, doRequest, get, peek, post],
});
