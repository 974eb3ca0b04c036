import type { PackageDefinition } from "@tocsin/engine/interpret";

type Loader = () => Promise<{ readonly packageDefinition: PackageDefinition }>;

/** Every package of the standard library, each loaded when a script first imports it. */
export const packages: Readonly<Record<string, Loader>> = {
  array: () => import("./array/index.ts"),
  "contrib/bonitoo-io/victorops": () => import("./contrib/bonitoo-io/victorops/index.ts"),
  csv: () => import("./csv/index.ts"),
  dict: () => import("./dict/index.ts"),
  experimental: () => import("./experimental/index.ts"),
  "experimental/record": () => import("./experimental/record/index.ts"),
  generate: () => import("./generate/index.ts"),
  http: () => import("./http/index.ts"),
  "http/requests": () => import("./http/requests/index.ts"),
  "influxdata/influxdb": () => import("./influxdata/influxdb/index.ts"),
  "influxdata/influxdb/secrets": () => import("./influxdata/influxdb/secrets/index.ts"),
  "internal/boolean": () => import("./internal/boolean/index.ts"),
  "internal/debug": () => import("./internal/debug/index.ts"),
  "internal/gen": () => import("./internal/gen/index.ts"),
  "internal/location": () => import("./internal/location/index.ts"),
  "internal/testing": () => import("./internal/testing/index.ts"),
  json: () => import("./json/index.ts"),
  pagerduty: () => import("./pagerduty/index.ts"),
  regexp: () => import("./regexp/index.ts"),
  runtime: () => import("./runtime/index.ts"),
  sampledata: () => import("./sampledata/index.ts"),
  slack: () => import("./slack/index.ts"),
  strings: () => import("./strings/index.ts"),
  system: () => import("./system/index.ts"),
  testing: () => import("./testing/index.ts"),
  "testing/expect": () => import("./testing/expect/index.ts"),
  "tocsin/delivery": () => import("./tocsin/delivery/index.ts"),
  types: () => import("./types/index.ts"),
  universe: () => import("./universe/index.ts"),
};
