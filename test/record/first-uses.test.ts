import { describe, expect, it } from "vitest";
import { FirstUses, MAX_NETWORKS } from "../../src/record/first-uses.ts";
import { folded, restarted } from "../support/lines.ts";

const PEER = "peer:p";
const heard = (network: string) => ({ type: "address.first_used", credential: PEER, address: network, network });

describe("where a peer was heard", () => {
  it("is new once for each network, also after a restart", () => {
    const uses = folded(new FirstUses(), heard("192.168.1.7"));
    for (const fold of [uses, restarted(uses, new FirstUses())]) {
      expect(fold.isNew(PEER, "192.168.1.7")).toBe(false);
      expect(fold.isNew(PEER, "192.168.1.8")).toBe(true);
      expect(fold.isNew("peer:other", "192.168.1.7")).toBe(true);
    }
  });

  it("begins with where it paired, and ends with the peer", () => {
    const uses = folded(new FirstUses(), { type: "peer.registered", id: "p", from: "10.0.0.1" });
    expect(uses.isNew(PEER, "10.0.0.1")).toBe(false);
    uses.apply({ type: "peer.removed", id: "p" });
    expect(uses.isNew(PEER, "10.0.0.1")).toBe(true);
  });

  it("is bounded", () => {
    const uses = folded(new FirstUses(), ...Array.from({ length: MAX_NETWORKS }, (_, index) => heard(`n${index}`)));
    expect(uses.isNew(PEER, "one more")).toBe(false);
  });

  it("is refused from a snapshot that is none", () => {
    for (const snapshot of ["text", [["p", "not a list"]], [[1, []]]])
      expect(() => new FirstUses().restore(snapshot)).toThrow(SyntaxError);
  });
});
