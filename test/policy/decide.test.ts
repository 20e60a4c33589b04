import { describe, expect, it } from "vitest";
import { type OperationName, operationOf } from "../../src/catalogue/operations.ts";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { verifyingKey } from "../../src/crypto/signing.node.ts";
import { LOCAL_SOURCE, type Source } from "../../src/foundation/source.ts";
import type { Role } from "../../src/foundation/vocabulary.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import type { Peer } from "../../src/peers/store.ts";
import {
  type Actor,
  credentialLabel,
  effectiveScopes,
  localActor,
  nobody,
  peerActor,
  tokenActor,
} from "../../src/policy/actor.ts";
import { decide } from "../../src/policy/decide.ts";
import { scopesOfPermission } from "../../src/policy/permissions.ts";
import { AddressList } from "../../src/tokens/addresses.ts";
import type { Token } from "../../src/tokens/token.ts";
import { refusal } from "../foundation/refusal.ts";
import { AT } from "../support/lines.ts";

const TLS: Source = { via: "tls", address: "192.168.1.7", network: "192.168.1.7" };
const PLAIN: Source = { ...TLS, via: "plain" };
const KEY = SecretKey.fromHex("01".repeat(32)).publicKey;

function peer(role: Role): Peer {
  const rest = { name: "laptop", kind: "sdk", way: "code", channel: "pinned", pairedAt: AT, pairedFrom: "" } as const;
  return { id: nodeIdOf(KEY), key: KEY, verifyingKey: verifyingKey(KEY), role, ...rest };
}

function token(scopes: readonly string[], owner = "fleet"): Token {
  const id = "0190b2c0-0000-7000-8000-000000000001";
  const rest = { name: "ci", tokenPrefix: "csk_aB3dE6gH", permissions: "custom", createdAt: AT, createdBy: "local" } as const;
  const none = new Set<string>();
  const state = {
    expiresAt: null,
    expirySetAt: 0,
    revoked: false,
    expired: false,
    known: none,
    knownSince: 0,
    refused: none,
    hash: "",
    requestsPerMinute: null,
  };
  return { id, owner, scopes: new Set(scopes), allowed: AddressList.parse([]), label: `token:${id}`, ...rest, ...state };
}

/** The code of the refusal, or "yes". */
function answer(actor: Actor, operation: OperationName): string {
  try {
    decide(actor, operationOf(operation));
    return "yes";
  } catch (error) {
    return refusal(() => {
      throw error;
    }).code;
  }
}

describe("decide", () => {
  it("lets anybody do what is public, and nobody anything else", () => {
    expect(answer(nobody(TLS), "GetHealth")).toBe("yes");
    for (const operation of ["GetNodeInfo", "GetSelf", "ExecCommand"] as const)
      expect(answer(nobody(TLS), operation)).toBe("AUTHENTICATION_REQUIRED");
  });

  it("names the scope that is missing", () => {
    const { message, details } = refusal(() => decide(peerActor(peer("viewer"), TLS), operationOf("RenameNode")));
    expect(details).toEqual({ scope: "machines:write" });
    expect(message).toBe("this takes the scope machines:write, which the role of this peer does not hold");
    expect(answer(tokenActor(token(["machines:read"]), undefined, TLS), "RenameNode")).toBe("INSUFFICIENT_SCOPE");
  });

  it("lets everyone with a credential ask who they are", () => {
    expect(answer(tokenActor(token(["files:read"]), undefined, TLS), "GetSelf")).toBe("yes");
  });

  it("holds secrets back from plain HTTP over the LAN, whoever asks", () => {
    for (const operation of ["OpenPairing", "GetPairing", "RenewPairingCode", "GenerateAPIToken"] as const) {
      expect(answer(peerActor(peer("admin"), PLAIN), operation)).toBe("TLS_REQUIRED");
      expect(answer(peerActor(peer("admin"), TLS), operation)).toBe("yes");
    }
    expect(answer(peerActor(peer("admin"), PLAIN), "ListAPITokens")).toBe("yes");
  });
});

describe("a personal token", () => {
  const scopes = scopesOfPermission("fullAccess", undefined);
  const owner = `node:${nodeIdOf(KEY)}`;

  it("does what its scopes and its owner's present role both allow", () => {
    expect(answer(tokenActor(token(scopes, owner), peer("operator"), TLS), "RenameNode")).toBe("yes");
    expect(answer(tokenActor(token(scopes, owner), peer("viewer"), TLS), "RenameNode")).toBe("INSUFFICIENT_SCOPE");
    expect(answer(tokenActor(token(["machines:read"], owner), peer("admin"), TLS), "RenameNode")).toBe("INSUFFICIENT_SCOPE");
  });

  it("never manages tokens, though its owner does", () => {
    expect(answer(tokenActor(token([...scopes, "create:*"], owner), peer("admin"), TLS), "GenerateAPIToken")).toBe(
      "INSUFFICIENT_SCOPE",
    );
  });

  it("says what is left of its scopes", () => {
    expect(effectiveScopes(tokenActor(token([...scopes, "read:*"], owner), peer("viewer"), TLS))).toEqual([
      "machines:read",
      "metrics:read",
      "read:*",
    ]);
    expect(effectiveScopes(tokenActor(token(["files:read"]), undefined, TLS))).toEqual(["files:read"]);
  });
});

it("labels actors as the ledger names them", () => {
  const id = nodeIdOf(KEY);
  expect(localActor(LOCAL_SOURCE).label).toBe("local");
  expect(nobody(TLS).label).toBe("nobody");
  expect(peerActor(peer("viewer"), TLS).label).toBe(credentialLabel({ kind: "peer", id }));
  expect(tokenActor(token([]), undefined, TLS).label).toBe("token:0190b2c0-0000-7000-8000-000000000001");
});
