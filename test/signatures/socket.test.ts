import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { verify } from "../../src/crypto/ecdsa.ts";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { fromBase64url, toHex } from "../../src/foundation/bytes.ts";
import type { NodeId } from "../../src/foundation/ids.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { signSocket, socketMessage } from "../../src/signatures/socket.ts";
import { NODE_ID, OTHER_NODE_ID, SIGNER, SIGNER_ID, STRANGER } from "./requests.ts";

interface Known {
  readonly vectors: readonly {
    readonly signerPrivateKey: string;
    readonly signerNodeId: NodeId;
    readonly nodeId: NodeId;
    readonly nonce: string;
    readonly message: string;
    readonly signature: string;
  }[];
}

const known = JSON.parse(readFileSync(new URL("../vectors/websocket-auth.json", import.meta.url), "utf8")) as Known;
const NONCE = new Uint8Array(32).fill(7);

describe("authenticate on a WebSocket", () => {
  it.each(known.vectors)("signs the known message", async (vector) => {
    const signer = SecretKey.fromHex(vector.signerPrivateKey);
    const message = socketMessage(fromBase64url(vector.nonce), vector.nodeId, vector.signerNodeId);
    expect(toHex(message)).toBe(vector.message);
    expect(verify(signer.publicKey, message, fromBase64url(vector.signature))).toBe(true);
    const params = await signSocket(fromBase64url(vector.nonce), vector.nodeId, signer);
    expect(params.nodeId).toBe(nodeIdOf(signer.publicKey));
    expect(verify(signer.publicKey, message, fromBase64url(params.signature))).toBe(true);
  });

  it("is good for one greeting, one node and one signer", async () => {
    const { signature } = await signSocket(NONCE, NODE_ID, SIGNER);
    const good = (message: Uint8Array, key = SIGNER.publicKey): boolean => verify(key, message, fromBase64url(signature));
    expect(good(socketMessage(NONCE, NODE_ID, SIGNER_ID))).toBe(true);
    expect(good(socketMessage(NONCE.with(0, 8), NODE_ID, SIGNER_ID))).toBe(false);
    expect(good(socketMessage(NONCE, OTHER_NODE_ID, SIGNER_ID))).toBe(false);
    expect(good(socketMessage(NONCE, NODE_ID, OTHER_NODE_ID))).toBe(false);
    expect(good(socketMessage(NONCE, NODE_ID, SIGNER_ID), STRANGER.publicKey)).toBe(false);
  });

  it("refuses a nonce of another length and a signer that returns DER", async () => {
    expect(() => socketMessage(new Uint8Array(31), NODE_ID, SIGNER_ID)).toThrow(RangeError);
    const signer = { publicKey: SIGNER.publicKey, sign: () => new Uint8Array(71) };
    await expect(signSocket(NONCE, NODE_ID, signer)).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  });
});
