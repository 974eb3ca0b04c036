import { flux } from "@tocsin/engine/interpret";

export const emptyBody = flux({
  name: "_emptyBody",
  type: "bytes",
  docs: "No bytes.",
  source: `bytes(v: "")`,
});

export const defaultConfig = flux({
  name: "defaultConfig",
  type: "{timeout: duration, insecureSkipVerify: bool}",
  docs: "What requests without `config` use. A timeout of 0s means 10 seconds.",
  option: true,
  source: "{timeout: 0s, insecureSkipVerify: false}",
});
