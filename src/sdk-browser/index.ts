/** The package's export for browsers: everything of `sdk`, and `FleetClient` with what keeps its key. */

export * from "../sdk/index.ts";
export { FleetClient, type PageClientOptions, type PairOptions } from "./fleet-client.ts";
export { IndexedStore } from "./indexed-store.ts";
export { generateKeyPair, signerOf } from "./signer.ts";
