import { expect, test } from "vitest";
import { playDark } from "./dark.ts";

test.each(["memory", "sqlite"] as const)(
  "half an hour dark, killed every minute, then the truth within moments, pages first (%s)",
  async (medium) => {
    const entities = 30;
    const dawn = await playDark({ entities, minutes: 30, medium });
    expect(dawn).toMatchObject({ recorded: 900, told: 900, missing: [], stale: [], late: 0 });
    // 120 a minute, and a burst.
    expect(dawn.latest).toBeLessThan(60_000);
    expect(dawn.superseded + dawn.arrived.length).toBe(900);
    expect(dawn.arrived.length).toBeGreaterThanOrEqual(entities);
  },
);
