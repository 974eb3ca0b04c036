import { definePackage, flux } from "@tocsin/engine/interpret";
import { doRequest, get, peek, perform, post } from "./do.ts";

const emptyBody = flux({
  name: "_emptyBody",
  type: "bytes",
  docs: "No bytes.",
  source: `bytes(v: "")`,
});

const defaultConfig = flux({
  name: "defaultConfig",
  type: "{timeout: duration, insecureSkipVerify: bool}",
  docs: "What requests without `config` use. A timeout of 0s means 10 seconds.",
  option: true,
  source: "{timeout: 0s, insecureSkipVerify: false}",
});

export const packageDefinition = definePackage({
  path: "http/requests",
  docs: "Sends HTTP requests and looks at the answers.",
  imports: ["array"],
  members: [perform, emptyBody, defaultConfig, doRequest, get, peek, post],
});
