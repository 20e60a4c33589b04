/** What is decided about tokens, without any node: edits, rotation, sweeps, places, and what is told before the end. */

import { describe, expect, it } from "vitest";
import { fromTimestamp, timestamp } from "../../src/foundation/clock.ts";
import { DAY, HOUR } from "../../src/foundation/durations.ts";
import { LOCAL_SOURCE, type Source } from "../../src/foundation/source.ts";
import { editToken } from "../../src/tokens/edit.ts";
import { endingHeaders, TokenCounts } from "../../src/tokens/ending.ts";
import { type IssueOrder, issueToken } from "../../src/tokens/issue.ts";
import { revocations, selectTokens } from "../../src/tokens/revoke.ts";
import { lifeOf, parseGrace, rotateToken } from "../../src/tokens/rotate.ts";
import { KNOWN_NETWORKS, TokenStore } from "../../src/tokens/store.ts";
import { endOf, statusOf } from "../../src/tokens/token.ts";
import { firstRefusal, firstUse } from "../../src/tokens/uses.ts";
import { ManualClock, SeededRandom } from "../foundation/doubles.ts";
import { refusal } from "../foundation/refusal.ts";
import { AT, folded, lineOf, restarted } from "../support/lines.ts";

const random = new SeededRandom(11);
const clock = new ManualClock();
const NOW = clock.now();

function issued(order: Partial<IssueOrder> = {}) {
  const rest = { permissions: "readOnly", scopes: ["machines:read"], owner: "fleet", createdBy: "local" } as const;
  const whole = { name: "ci", expiresAt: null, allowedIps: [], requestsPerMinute: null, ...rest, ...order };
  return issueToken(whole, clock, random).change;
}

function from(address: string): Source {
  return { via: "tls", address, network: address };
}

describe("an edit", () => {
  const change = issued({ expiresAt: timestamp(NOW + DAY), allowedIps: ["10.0.0.0/8"] });
  const store = folded(new TokenStore(), change);
  const token = store.require(change.id);

  it("says all that is, with what is different", () => {
    expect(editToken(token, { name: "new" }, NOW)).toMatchObject({
      name: "new",
      allowedIps: ["10.0.0.0/8"],
      scopes: ["machines:read"],
    });
    expect(editToken(token, { allowedIps: ["::ffff:192.0.2.7"] }, NOW)).toMatchObject({ allowedIps: ["192.0.2.7/32"] });
  });

  it("of nothing is nothing, in whatever spelling", () => {
    expect(editToken(token, {}, NOW)).toBeUndefined();
    expect(editToken(token, { allowedIps: ["10.1.2.3/8"] }, NOW)).toBeUndefined();
  });

  it("is refused for what has ended", () => {
    expect(refusal(() => editToken(token, { name: "x" }, NOW + DAY)).code).toBe("CONFLICT");
    expect(refusal(() => editToken({ ...token, revoked: true }, { name: "x" }, NOW)).code).toBe("CONFLICT");
  });

  it("of the expiry begins another length of life, of the rest does not", () => {
    const later = "2026-11-22T20:00:00.000Z";
    const at = (edit: object) => {
      const again = folded(new TokenStore(), change);
      const line = editToken(again.require(change.id), edit, NOW);
      if (line !== undefined) again.apply(line, lineOf([line], { at: later }));
      return lifeOf(again.require(change.id));
    };
    expect(at({ name: "x" })).toBe(fromTimestamp(timestamp(NOW + DAY)) - fromTimestamp(AT));
    expect(at({ expiresAt: timestamp(fromTimestamp(later) + HOUR) })).toBe(HOUR);
    expect(at({ expiresAt: null })).toBeNull();
  });
});

describe("a rotation", () => {
  const change = issued({ expiresAt: timestamp(NOW + HOUR) });
  const order = (grace: number, store: TokenStore, id = change.id) => ({
    token: store.require(id),
    predecessor: store.get(store.require(id).rotatedFrom ?? ""),
    grace,
    createdBy: "local",
    expiresAt: null,
  });

  it("lets the old one live for the grace, but not past its own end", () => {
    for (const [grace, end] of [
      [1000, NOW + 1000],
      [DAY, NOW + HOUR],
    ] as const) {
      const store = folded(new TokenStore(), change);
      const { changes, id } = rotateToken(order(grace, store), clock, random);
      const after = folded(folded(new TokenStore(), change), ...changes);
      expect(endOf(after.require(change.id))).toBe(end);
      expect(after.require(id)).toMatchObject({ rotatedFrom: change.id, name: "ci" });
      expect(statusOf(after.require(change.id), end)).toBe("expired");
    }
  });

  it("ends what stood in grace before", () => {
    const store = folded(new TokenStore(), change);
    const first = rotateToken(order(DAY, store), clock, random);
    folded(store, ...first.changes);
    const second = rotateToken(order(DAY, store, first.id), clock, random);
    expect(second.changes.map(({ id, type }) => [type, id])).toEqual([
      ["token.issued", second.id],
      ["token.rotated", first.id],
      ["token.revoked", change.id],
    ]);
    expect(refusal(() => rotateToken(order(DAY, store), clock, random))).toMatchObject({
      code: "CONFLICT",
      details: { rotatedTo: first.id },
    });
  });

  it("takes a grace of up to 30 days", () => {
    expect([parseGrace("0"), parseGrace("24h"), parseGrace("30d")]).toEqual([0, DAY, 30 * DAY]);
    for (const text of ["31d", "0h", "", "1.5h", "-1h"]) expect(refusal(() => parseGrace(text)).details["field"]).toBe("grace");
  });
});

describe("a sweep", () => {
  const names = ["a", "ab", "ba", "a*b", "aXbXa"];
  const store = folded(new TokenStore(), ...names.map((name) => issued({ name })), issued({ name: "own", owner: "node:x" }));
  const named = (name: string) => selectTokens(store, { name }, NOW).map((token) => token.name);

  it.each([
    ["a", ["a"]],
    ["a*", ["a", "ab", "a*b", "aXbXa"]],
    ["*a", ["a", "ba", "aXbXa"]],
    ["a*a", ["aXbXa"]],
    ["a*b*a", ["aXbXa"]],
    ["ab*b", []],
    ["*", [...names, "own"]],
    ["**b**", ["ab", "ba", "a*b", "aXbXa"]],
    ["", []],
    ["A", []],
    [".*", []],
  ])("of %j means %j", (pattern, expected) => {
    expect(named(pattern)).toEqual(expected);
  });

  it("means those that fit everything said, and needs something said", () => {
    expect(selectTokens(store, { owner: "node:x" }, NOW).map(({ name }) => name)).toEqual(["own"]);
    expect(selectTokens(store, { owner: "node:x", name: "a*" }, NOW)).toEqual([]);
    expect(selectTokens(store, { all: true }, NOW)).toHaveLength(6);
    expect(refusal(() => selectTokens(store, {}, NOW)).code).toBe("INVALID_REQUEST");
    expect(refusal(() => selectTokens(store, { all: true, name: "a" }, NOW)).code).toBe("INVALID_REQUEST");
  });

  it("names each token once, though it is also somebody's predecessor", () => {
    const change = issued();
    const both = folded(new TokenStore(), change);
    const { changes } = rotateToken(
      { token: both.require(change.id), predecessor: undefined, grace: DAY, createdBy: "local", expiresAt: null },
      clock,
      random,
    );
    folded(both, ...changes);
    expect(revocations(both.list(), both, NOW)).toHaveLength(2);
    expect(revocations(both.list(), both, NOW, [change.id])).toHaveLength(1);
  });
});

describe("places", () => {
  const change = issued();

  it("are new once, and the Unix socket is none", () => {
    const store = folded(new TokenStore(), change);
    const used = firstUse(store.require(change.id), from("192.0.2.1"), NOW);
    expect(used).toEqual({ type: "token.used", id: change.id, address: "192.0.2.1", network: "192.0.2.1" });
    folded(store, used ?? { type: "node.none" });
    expect(firstUse(store.require(change.id), from("192.0.2.1"), NOW)).toBeUndefined();
    expect(firstUse(store.require(change.id), LOCAL_SOURCE, NOW)).toBeUndefined();
  });

  it("are the latest 64, and past that at most one an hour is written down", () => {
    const store = folded(new TokenStore(), change);
    const at = fromTimestamp(AT);
    for (let i = 0; i < KNOWN_NETWORKS; i++) {
      const used = firstUse(store.require(change.id), from(`192.0.2.${i}`), at);
      folded(store, used ?? { type: "node.none" });
    }
    expect(store.require(change.id).known.size).toBe(KNOWN_NETWORKS);
    expect(firstUse(store.require(change.id), from("198.51.100.1"), at + HOUR - 1)).toBeUndefined();
    const later = firstUse(store.require(change.id), from("198.51.100.1"), at + HOUR);
    folded(store, later ?? { type: "node.none" });
    const { known } = store.require(change.id);
    expect([known.size, known.has("192.0.2.0"), known.has("198.51.100.1")]).toEqual([KNOWN_NETWORKS, false, true]);
  });

  it("of refusals end with the 64th: whoever has a leaked text must not fill the disk", () => {
    const store = folded(new TokenStore(), change);
    for (let i = 0; i < KNOWN_NETWORKS; i++) {
      folded(store, firstRefusal(store.require(change.id), from(`192.0.2.${i}`)) ?? { type: "node.none" });
    }
    expect(store.require(change.id).refused.size).toBe(KNOWN_NETWORKS);
    expect(firstRefusal(store.require(change.id), from("198.51.100.1"))).toBeUndefined();
  });
});

describe("a restart", () => {
  it("keeps everything that happened to a token", () => {
    const change = issued({ expiresAt: timestamp(NOW + HOUR) });
    const store = folded(new TokenStore(), change, issued({ rotatedFrom: change.id }));
    const { id } = change;
    folded(
      store,
      { type: "token.used", id, address: "192.0.2.1", network: "192.0.2.1" },
      { type: "token.refused", id, address: "192.0.2.2", network: "192.0.2.2" },
      { type: "token.rotated", id, to: store.list().at(-1)?.id ?? "", graceUntil: timestamp(NOW + 1000) },
      { type: "token.expired", id },
    );
    const again = restarted(store, new TokenStore());
    expect(again.snapshot()).toEqual(store.snapshot());
    expect(again.require(id)).toMatchObject({ expired: true, graceUntil: NOW + 1000, rotatedTo: store.list().at(-1)?.id });
    expect(again.due(NOW + DAY)).toEqual([]);
  });

  it("with a checkpoint of another shape reads the ledger instead", () => {
    expect(() => new TokenStore().restore([{ id: "x" }])).toThrow();
  });
});

describe("before the end", () => {
  it("holders are told in the last 14 days, while the token is good", () => {
    const end = NOW + 15 * DAY;
    const token = folded(new TokenStore(), issued({ expiresAt: timestamp(end) })).list()[0];
    if (token === undefined) throw new Error("no token");
    expect(endingHeaders(token, NOW)).toEqual([]);
    expect(endingHeaders(token, NOW + DAY)).toEqual(["Cider-Token-Expires", timestamp(end)]);
    expect(endingHeaders({ ...token, rotatedTo: "next" }, NOW)).toEqual(["Cider-Token-Rotated", "next"]);
    expect(endingHeaders(token, end)).toEqual([]);
    expect(endingHeaders({ ...token, revoked: true }, NOW + DAY)).toEqual([]);
  });

  it("tokens are counted anew when one changes, and after a minute", () => {
    const store = folded(new TokenStore(), issued({ expiresAt: timestamp(NOW + 14 * DAY + 30_000) }));
    const counts = new TokenCounts(store);
    expect(counts.at(NOW)).toEqual({ active: 1, endingSoon: 0 });
    expect(counts.at(NOW + 59_000)).toEqual({ active: 1, endingSoon: 0 });
    expect(counts.at(NOW + 60_000)).toEqual({ active: 1, endingSoon: 1 });
    folded(store, issued());
    expect(counts.at(NOW + 60_001)).toEqual({ active: 2, endingSoon: 1 });
  });
});
