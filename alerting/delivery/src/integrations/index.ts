import type { Integration } from "./integration.ts";
import { victorops } from "./victorops/index.ts";

/** Every integration, by name. */
const integrations: Readonly<Record<string, Integration>> = {
  [victorops.name]: victorops,
};

/** The integration of a request: the named one, or On-Call, whose URLs are recognised. */
export function integrationOf(name: string | undefined): Integration {
  return integrations[name ?? victorops.name] ?? victorops;
}
