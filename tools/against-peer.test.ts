import { expect, test } from "vitest";
import { compareWithPeer, inWords } from "./against-peer.ts";

const flux = process.env["TOCSIN_PEER_FLUX"] ?? "";
const skipped = flux === "" ? " (skipped: TOCSIN_PEER_FLUX does not name a flux)" : "";

test.skipIf(flux === "")(`cases are as upstream where they say so${skipped}`, async () => {
  const compared = await compareWithPeer(flux);
  expect(compared.length).toBeGreaterThan(50);
  expect(compared.filter(({ equal }) => !equal).map(inWords)).toEqual([]);
});
