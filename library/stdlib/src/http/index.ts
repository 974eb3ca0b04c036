import { definePackage } from "@tocsin/engine/interpret";
import { basicAuth } from "./basic-auth.ts";
import { endpoint } from "./endpoint.ts";
import { pathEscape } from "./path-escape.ts";
import { post } from "./post.ts";

export const packageDefinition = definePackage({
  path: "http",
  docs: "Posts over HTTP.",
  imports: ["experimental", "tocsin/delivery"],
  members: [basicAuth, endpoint, pathEscape, post],
});
