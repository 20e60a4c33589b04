import { describe, expect, it } from "vitest";
import { tokenLookup } from "../../src/crypto/token-secret.ts";
import { fromHex } from "../../src/foundation/bytes.ts";
import { timestamp } from "../../src/foundation/clock.ts";
import { checkToken } from "../../src/tokens/check.ts";
import { type IssueOrder, issueToken } from "../../src/tokens/issue.ts";
import { TokenStore } from "../../src/tokens/store.ts";
import { statusOf } from "../../src/tokens/token.ts";
import { isTokenText } from "../../src/wire/token.ts";
import { ManualClock, SeededRandom } from "../foundation/doubles.ts";
import { refusal } from "../foundation/refusal.ts";
import { AT, folded, restarted } from "../support/lines.ts";

const random = new SeededRandom(7);
const clock = new ManualClock();
const NOW = clock.now();

function issue(order: Partial<IssueOrder> = {}) {
  const owner = "fleet";
  const whole = {
    name: "ci",
    permissions: "readOnly",
    scopes: ["machines:read"],
    owner,
    createdBy: "local",
    expiresAt: null,
    allowedIps: [],
  } as const;
  return issueToken({ ...whole, ...order }, clock, random);
}

describe("issuing", () => {
  it("makes a text and a record of everything but the text", () => {
    const { text, change } = issue({ allowedIps: ["10.1.2.3/8"] });
    expect(isTokenText(text)).toBe(true);
    expect(change).toMatchObject({ type: "token.issued", tokenPrefix: text.slice(0, 12), allowedIps: ["10.0.0.0/8"] });
    expect(JSON.stringify(change)).not.toContain(text.slice(12));
    expect(change.tokenPrefix).toMatch(/^csk_[0-9A-Za-z]{8}$/);
  });
});

describe("the store", () => {
  const { text, change } = issue();
  const store = folded(new TokenStore(), change);

  it("finds a token by id, text and look-up", () => {
    const token = store.require(change.id);
    expect(token).toMatchObject({ name: "ci", createdAt: AT, revoked: false, expiresAt: null });
    expect(store.idOf(text)).toBe(token.id);
    expect(store.byLookup(tokenLookup(fromHex(change.hash)))).toBe(token);
  });

  it("finds nothing else", () => {
    expect(refusal(() => store.require("0190b2c0-0000-7000-8000-000000000000")).code).toBe("NOT_FOUND");
    expect(store.byLookup(new Uint8Array(16))).toBeUndefined();
    expect(store.idOf(text.slice(0, -1))).toBeUndefined();
    expect(store.idOf(issue().text)).toBeUndefined();
  });

  it("knows look-ups of tokens that came, and not of those that went, after the first question", () => {
    const [early, late] = [issue().change, issue().change];
    const asked = folded(new TokenStore(), early);
    const ask = ({ hash }: { readonly hash: string }) => asked.byLookup(tokenLookup(fromHex(hash)))?.id;
    expect([ask(early), ask(late)]).toEqual([early.id, undefined]);
    folded(asked, late, { type: "token.deleted", id: early.id });
    expect([ask(early), ask(late)]).toEqual([undefined, late.id]);
  });

  it("lists in the order of issuing", () => {
    const other = issue({ name: "own", owner: "node:5a07a723-c795-8830-ae2e-6be0ef71b399" }).change;
    const both = folded(new TokenStore(), change, other);
    expect(both.list().map(({ name }) => name)).toEqual(["ci", "own"]);
    expect(both.size).toBe(2);
  });

  it("forgets a deleted token whole", () => {
    const emptied = folded(new TokenStore(), change, { type: "token.deleted", id: change.id });
    expect(emptied.size).toBe(0);
    expect(emptied.idOf(text)).toBeUndefined();
    expect(emptied.byLookup(tokenLookup(fromHex(change.hash)))).toBeUndefined();
  });

  it("is the same after a restart", () => {
    const full = folded(
      new TokenStore(),
      change,
      issue({ expiresAt: timestamp(NOW + 1000), scopes: ["read:*"], permissions: "custom", allowedIps: ["fd00::/8"] }).change,
      { type: "token.revoked", id: change.id },
    );
    const again = restarted(full, new TokenStore());
    expect(again.list().map(({ allowed, ...token }) => ({ ...token, allowed: allowed.entries }))).toEqual(
      full.list().map(({ allowed, ...token }) => ({ ...token, allowed: allowed.entries })),
    );
    expect(refusal(() => checkToken(again.require(change.id), NOW, "")).code).toBe("TOKEN_REVOKED");
    again.restore(undefined);
    expect(again.size).toBe(0);
  });

  it("refuses a change of a newer version", () => {
    expect(refusal(() => folded(new TokenStore(), { type: "token.promoted", id: "x" })).code).toBe("FORMAT_NEWER");
  });

  it("passes over what is not about tokens, and over tokens it does not hold", () => {
    const same = folded(
      new TokenStore(),
      { type: "node.renamed", name: "x" },
      { type: "token.revoked", id: "gone" },
      { type: "token.deleted", id: "gone" },
    );
    expect(same.size).toBe(0);
  });
});

describe("status", () => {
  it("says expired at the end itself, and revoked before expired", () => {
    const { change } = issue({ expiresAt: timestamp(NOW + 1000) });
    const token = folded(new TokenStore(), change).require(change.id);
    expect([statusOf(token, NOW + 999), statusOf(token, NOW + 1000)]).toEqual(["active", "expired"]);
    expect(statusOf({ ...token, revoked: true }, NOW + 1000)).toBe("revoked");
  });
});

describe("the order of checks", () => {
  const { change } = issue({ expiresAt: timestamp(NOW + 1000), allowedIps: ["192.168.1.0/24"] });
  const token = folded(new TokenStore(), change).require(change.id);

  it("is status, expiry, address", () => {
    expect(refusal(() => checkToken({ ...token, revoked: true }, NOW + 2000, "10.0.0.1")).code).toBe("TOKEN_REVOKED");
    expect(refusal(() => checkToken(token, NOW + 61_000, "10.0.0.1"))).toMatchObject({
      code: "TOKEN_EXPIRED",
      message: 'token "ci" expired 1 minute ago',
    });
    expect(refusal(() => checkToken(token, NOW, "10.0.0.1")).code).toBe("TOKEN_ADDRESS_REFUSED");
  });

  it("lets a good token through, and any address of the local socket", () => {
    expect(() => checkToken(token, NOW, "192.168.1.9")).not.toThrow();
    expect(() => checkToken(token, NOW, "")).not.toThrow();
  });
});
