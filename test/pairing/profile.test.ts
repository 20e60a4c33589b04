import { describe, expect, it } from "vitest";
import { verify } from "../../src/crypto/ecdsa.ts";
import { parsePublicKey } from "../../src/crypto/p256.ts";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { proverPoints, verifierPoints } from "../../src/crypto/spake2plus.ts";
import { fromHex, toHex } from "../../src/foundation/bytes.ts";
import {
  agree,
  clientProofMessage,
  encodeContext,
  nodeProofMessage,
  proverScalars,
  type Terms,
  verifierRecord,
} from "../../src/pairing/profile.ts";
import { parseBeginRequest } from "../../src/wire/pairing.ts";
import profile from "../vectors/pairing-profile.json" with { type: "json" };

type Vector = (typeof profile.vectors)[number];

function termsOf(vector: Vector): Terms {
  const { name, kind, way, channel } = parseBeginRequest(vector.beginRequest);
  const role = vector.role === "viewer" || vector.role === "operator" ? vector.role : "admin";
  return {
    versions: [1, 1],
    sid: fromHex(vector.sid),
    clientKey: parsePublicKey(fromHex(vector.clientKey)),
    nodeKey: parsePublicKey(fromHex(vector.nodeKey)),
    name,
    kind,
    way,
    channel,
    nodeName: vector.nodeName,
    role,
  };
}

describe.each(profile.vectors)("the profile for $name by $way as $role", (vector) => {
  const shareP = fromHex(vector.shareP);
  const shareV = fromHex(vector.shareV);
  const w0 = fromHex(vector.w0);
  const terms = termsOf(vector);

  it("takes scalars from the secret, on both sides", async () => {
    const scalars = await proverScalars(vector.secret);
    expect(toHex(scalars.w0)).toBe(vector.w0);
    expect(toHex(scalars.w1)).toBe(vector.w1);
    const record = verifierRecord(vector.secret);
    expect(toHex(record.w0)).toBe(vector.w0);
    expect(toHex(record.L)).toBe(vector.L);
  });

  it("binds all terms in the context", () => {
    expect(toHex(encodeContext(terms))).toBe(vector.context);
  });

  it("agrees on both sides, and the proofs sign what was agreed", () => {
    for (const points of [
      proverPoints(w0, fromHex(vector.w1), fromHex(vector.x), shareV),
      verifierPoints(w0, fromHex(vector.L), fromHex(vector.y), shareP),
    ]) {
      const agreement = agree(terms, shareP, shareV, points, w0);
      expect(toHex(agreement.confirmP)).toBe(vector.confirmP);
      expect(toHex(agreement.confirmV)).toBe(vector.confirmV);
      expect(toHex(agreement.bind)).toBe(vector.bind);
    }
    expect(toHex(clientProofMessage(fromHex(vector.bind)))).toBe(vector.proofClientMessage);
    expect(toHex(nodeProofMessage(fromHex(vector.bind)))).toBe(vector.proofNodeMessage);
    expect(verify(terms.clientKey, clientProofMessage(fromHex(vector.bind)), fromHex(vector.proofClient))).toBe(true);
    expect(verify(terms.nodeKey, nodeProofMessage(fromHex(vector.bind)), fromHex(vector.proofNode))).toBe(true);
  });

  const other = SecretKey.fromHex("03".repeat(32)).publicKey;
  it.each<[keyof Terms, Partial<Terms>]>([
    ["versions", { versions: [2, 1] }],
    ["versions", { versions: [1, 2] }],
    ["sid", { sid: new Uint8Array(16) }],
    ["clientKey", { clientKey: other }],
    ["nodeKey", { nodeKey: other }],
    ["name", { name: `${terms.name} ` }],
    ["kind", { kind: "browser" }],
    ["way", { way: terms.way === "code" ? "link" : "code" }],
    ["channel", { channel: "plain" }],
    ["nodeName", { nodeName: terms.nodeName.normalize("NFD").concat("x") }],
    ["role", { role: terms.role === "admin" ? "viewer" : "admin" }],
  ])("agrees on nothing when %s differs", (_, changed) => {
    const points = { Z: fromHex(vector.Z), V: fromHex(vector.V) };
    const agreement = agree({ ...terms, ...changed }, shareP, shareV, points, w0);
    expect(toHex(agreement.confirmP)).not.toBe(vector.confirmP);
    expect(toHex(agreement.confirmV)).not.toBe(vector.confirmV);
    expect(toHex(agreement.bind)).not.toBe(vector.bind);
  });
});

describe("the context", () => {
  it("tells apart what only moves between neighbours", () => {
    const [vector] = profile.vectors;
    if (vector === undefined) throw new Error("the profile has no vectors");
    const terms = termsOf(vector);
    const moved = encodeContext({ ...terms, name: `${terms.name}s`, kind: "app" });
    expect(toHex(moved)).not.toBe(toHex(encodeContext({ ...terms, kind: "app" })));
  });
});
