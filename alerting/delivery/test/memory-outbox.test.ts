import { MemoryOutbox } from "@tocsin/alerting/delivery";
import { describeOutboxStore } from "./store-conformance.ts";

describeOutboxStore("MemoryOutbox", {
  make: async () => new MemoryOutbox(),
  afterCrash: async (store) => new MemoryOutbox(store as MemoryOutbox),
});
