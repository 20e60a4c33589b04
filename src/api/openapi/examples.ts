/** What the requests of OpenAPI's examples say. A test makes each of them, with its own node's ids in the place of these. */

import type { OperationInput, OperationName } from "../../catalogue/operations.ts";
import { parseNodeId } from "../../wire/parse.ts";

/** Ids and texts that are another node's, and that whoever tries an example replaces. */
export const PLACEHOLDERS = {
  tokenId: "019ab1c2-7d3e-7f00-8a1b-2c3d4e5f6071",
  fleetId: "3f2b8a54-1c6d-8e7f-9a0b-1c2d3e4f5a6b",
  token: "csk_the-text-that-was-shown-once",
  requestId: "019ab1c2-7d3e-7f00-8a1b-2c3d4e5f6072",
} as const;

/** The generator of P-256 (SP 800-186 §3.2.1.3): a public key of which everybody knows that nobody should trust it. */
const GENERATOR =
  "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" +
  "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

/** The node id of that key. */
const peerId = parseNodeId({ id: "5cd252fb-0ce8-8324-b6fa-f8ccd1040981" }, "id");

const { fleetId, requestId, token, tokenId } = PLACEHOLDERS;

/** An input of each operation that takes one. */
export const EXAMPLES: { readonly [N in OperationName]?: OperationInput<N> } = {
  RenameNode: { name: "studio" },
  OpenPairing: { role: "operator", ways: ["code"], seconds: 120 },
  ListPeers: { limit: 50, role: "viewer", sort: "-lastSeenAt" },
  AddPeer: { publicKey: GENERATOR, name: "build server", role: "operator" },
  UpdatePeer: { id: peerId, role: "viewer" },
  RemovePeer: { id: peerId, withCreated: true },
  GenerateAPIToken: { name: "ci", permissions: "readOnly", expires: "90d" },
  RegisterAPIToken: { name: "ci", hash: "0".repeat(64), expires: "30d" },
  ListAPITokens: { limit: 50, status: "active", sort: "-createdAt" },
  GetAPIToken: { id: tokenId },
  UpdateAPIToken: { id: tokenId, name: "ci of the studio", requestsPerMinute: 600 },
  RotateAPIToken: { id: tokenId, grace: "1h" },
  RevokeAPITokens: { name: "ci*" },
  BurnAPIToken: { token },
  RevokeAPIToken: { id: tokenId },
  DeleteAPIToken: { id: tokenId },
  ListProjectTokens: { fleetId, limit: 50 },
  CreateProjectToken: { fleetId, name: "ci", permissions: ["read:*"] },
  ExchangeToken: { grant_type: "client_credentials", scope: "machines:read" },
  IntrospectToken: { token },
  BurnToken: { token },
  ListAuditEntries: { limit: 20, outcome: "refused" },
  GetAuditEntry: { id: requestId },
  VerifyAudit: {},
  ListActivity: { limit: 20, operation: "GetNodeInfo" },
  RunDoctor: { fix: false },
};
