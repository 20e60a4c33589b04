import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pageOfTokens } from "../../src/operations/token-list.ts";
import type { TokenView } from "../../src/operations/token-view.ts";
import { refusal } from "../foundation/refusal.ts";

let made = 0;

function token(record: Partial<TokenView> = {}): TokenView {
  made += 1;
  const id = `00000000-0000-7000-8000-${String(made).padStart(12, "0")}`;
  return {
    id,
    name: "ci",
    tokenPrefix: `csk_${String(made).padStart(8, "0")}`,
    permissions: "readOnly",
    scopes: [],
    owner: "fleet",
    status: "active",
    createdAt: "2026-11-21T20:00:00.000Z",
    createdBy: "local",
    expiresAt: null,
    lastUsedAt: null,
    lastUsedFrom: null,
    useCount: 0,
    allowedIps: [],
    requestsPerMinute: null,
    ...record,
  };
}

const names = (page: { readonly tokens: readonly TokenView[] }): string[] => page.tokens.map(({ name }) => name);

describe("a list of tokens", () => {
  it("holds what fits", () => {
    const all = [
      token({ name: "ci-runner" }),
      token({ name: "Backup", status: "revoked" }),
      token({ name: "watch", owner: "node:x" }),
    ];
    const sort = "createdAt";
    expect(names(pageOfTokens(all, { sort }))).toEqual(["ci-runner", "Backup", "watch"]);
    expect(names(pageOfTokens(all, { sort, status: "revoked" }))).toEqual(["Backup"]);
    expect(names(pageOfTokens(all, { sort, owner: "node:x" }))).toEqual(["watch"]);
    expect(names(pageOfTokens(all, { sort, q: "BACK" }))).toEqual(["Backup"]);
    expect(names(pageOfTokens(all, { sort, q: all[0]?.id }))).toEqual(["ci-runner"]);
    expect(names(pageOfTokens(all, { sort, q: all[2]?.tokenPrefix }))).toEqual(["watch"]);
    expect(names(pageOfTokens(all, { sort, q: "nothing" }))).toEqual([]);
  });

  it("is sorted either way; what never expires comes last, what was never used first", () => {
    const all = [
      token({ name: "b", expiresAt: "2027" }),
      token({ name: "a", lastUsedAt: "2026" }),
      token({ name: "c", expiresAt: "2026" }),
    ];
    expect(names(pageOfTokens(all, { sort: "name" }))).toEqual(["a", "b", "c"]);
    expect(names(pageOfTokens(all, { sort: "-name" }))).toEqual(["c", "b", "a"]);
    expect(names(pageOfTokens(all, { sort: "expiresAt" }))).toEqual(["c", "b", "a"]);
    expect(names(pageOfTokens(all, { sort: "-lastUsedAt" }))[0]).toBe("a");
  });

  it("cut into pages is the whole, whatever the size, and though rows go between two pages", () => {
    const rows = fc.array(fc.record({ name: fc.constantFrom("a", "b", "c"), gone: fc.boolean() }), { maxLength: 20 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 7 }), fc.constantFrom("name", "-name", "createdAt"), (wanted, limit, sort) => {
        const all = wanted.map(({ name }) => token({ name }));
        const seen: TokenView[] = [];
        let cursor: string | null = null;
        do {
          const page = pageOfTokens(all, { sort, limit, ...(cursor !== null && { cursor }) });
          seen.push(...page.tokens);
          cursor = page.cursor;
        } while (cursor !== null);
        expect(seen).toEqual(pageOfTokens(all, { sort }).tokens);
        const first = pageOfTokens(all, { sort, limit });
        const left = all.filter((_, i) => wanted[i]?.gone !== true);
        if (first.cursor === null) return;
        const rest = pageOfTokens(left, { sort, cursor: first.cursor }).tokens;
        expect(rest).toEqual(pageOfTokens(left, { sort }).tokens.filter((row) => !first.tokens.includes(row)));
      }),
    );
  });

  it("refuses a cursor that is none, or of another order", () => {
    const all = [token(), token()];
    const { cursor } = pageOfTokens(all, { sort: "name", limit: 1 });
    for (const bad of ["", "x", "bm9uZQ", cursor ?? ""]) {
      expect(refusal(() => pageOfTokens(all, { sort: "createdAt", cursor: bad })).code).toBe("INVALID_REQUEST");
    }
  });
});
