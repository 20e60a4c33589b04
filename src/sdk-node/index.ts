/** The package's root export on Node: everything of `sdk`, and `FleetClient`. */

export { requireSignedHead } from "../sdk/audit-heads.ts";
export { type AuditCheck, type CheckAuditOptions, checkAudit } from "../sdk/check-audit.ts";
export * from "../sdk/index.ts";
export { type DiscoveredNode, type DiscoverOptions, discover, watchNodes } from "./discover.ts";
export { FleetClient, localClient, type PairOptions, storedClient } from "./fleet-client.ts";
export { userStore } from "./platform.ts";
