import type { PackageDefinition } from "@tocsin/engine/interpret";

type Loader = () => Promise<{ readonly packageDefinition: PackageDefinition }>;

/** Every package of the standard library, each loaded when a script first imports it. */
export const packages: Readonly<Record<string, Loader>> = {
  "contrib/bonitoo-io/victorops": () => import("./contrib/bonitoo-io/victorops/index.ts"),
  "influxdata/influxdb": () => import("./influxdata/influxdb/index.ts"),
  "influxdata/influxdb/secrets": () => import("./influxdata/influxdb/secrets/index.ts"),
  "internal/boolean": () => import("./internal/boolean/index.ts"),
  "internal/location": () => import("./internal/location/index.ts"),
  "tocsin/delivery": () => import("./tocsin/delivery/index.ts"),
  universe: () => import("./universe/index.ts"),
};
