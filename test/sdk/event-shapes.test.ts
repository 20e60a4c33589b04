import { describe, expect, expectTypeOf, it } from "vitest";
import type { MachineStats } from "../../src/host/machine.ts";
import type { Line } from "../../src/ledger/line.ts";
import type { NodeChange as LedgerNodeChange } from "../../src/operations/node-state.ts";
import type { PairingChange as LedgerPairingChange } from "../../src/pairing/changes.ts";
import type { PeerChange as LedgerPeerChange } from "../../src/peers/changes.ts";
import { EventHub, visible } from "../../src/record/events.ts";
import type {
  MachineFigures,
  NodeChange,
  PairingChange,
  PeerChange,
  RecordedCall,
  TokenChange,
  TopicData,
} from "../../src/sdk/shapes.ts";
import type { TokenChange as LedgerTokenChange } from "../../src/tokens/changes.ts";
import type { Event } from "../../src/wire/frames.ts";
import { lineOf } from "../support/lines.ts";

/** Whether each holds what the other does. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** A change as events show it. */
type Shown<T> = T extends unknown ? Omit<T, "hash"> : never;

describe("what events hold", () => {
  it("is, by its type, what the ledger says", () => {
    expectTypeOf<Same<NodeChange, LedgerNodeChange>>().toEqualTypeOf<true>();
    expectTypeOf<Same<PeerChange, LedgerPeerChange>>().toEqualTypeOf<true>();
    expectTypeOf<Same<PairingChange, LedgerPairingChange>>().toEqualTypeOf<true>();
    expectTypeOf<Same<TokenChange, Shown<LedgerTokenChange>>>().toEqualTypeOf<true>();
    expectTypeOf<Same<MachineFigures, Awaited<ReturnType<MachineStats["read"]>>>>().toEqualTypeOf<true>();
    expectTypeOf<Same<RecordedCall, Pick<Line, "actor" | "request" | "operation" | "from" | "changes">>>().toEqualTypeOf<true>();
    expectTypeOf<keyof TopicData>().toEqualTypeOf<"node" | "node.stats" | "pairing" | "peers" | "tokens" | "audit">();
    // @ts-expect-error a token's hash is shown to nobody
    const hidden = (change: TokenChange): unknown => change.hash;
    expect(hidden(visible({ type: "token.issued", hash: "secret" }) as unknown as TokenChange)).toBeUndefined();
  });

  it("of an entry is who did it, and all it changed", () => {
    const hub = new EventHub();
    const events: Event[] = [];
    hub.subscribe((event) => void events.push(event), ["audit"]);
    hub.publishLine(lineOf([{ type: "node.renamed", name: "x" }], { actor: "local" }));
    const call = events[0]?.data as RecordedCall;
    expect(Object.keys(call).toSorted()).toEqual(["actor", "changes", "from", "operation", "request"]);
    expect(call).toMatchObject({ actor: "local", changes: [{ type: "node.renamed", name: "x" }] });
  });
});
