import { perBatchKind } from "../per-batch.ts";

/** Names a result; the rows pass unchanged. */
export const yieldKind = perBatchKind<{ readonly name: string }>(
  { name: "yield", rowwise: true, reads: (_, wanted) => wanted, describe: ({ name }) => name },
  () => (batch) => batch,
);
