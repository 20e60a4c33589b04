import { describe, expect, it } from "vitest";
import { storageHash, tokenLookup } from "../../src/crypto/token-secret.ts";
import { MINUTE } from "../../src/foundation/durations.ts";
import { type BearerParent, Bearers, checkBearer } from "../../src/tokens/bearers.ts";
import { ManualClock, SeededRandom } from "../foundation/doubles.ts";
import { refusal } from "../foundation/refusal.ts";

const CI: BearerParent = { kind: "token", id: "ci" };
const CD: BearerParent = { kind: "token", id: "cd" };

function play(limits = { perParent: 3, total: 5 }) {
  const clock = new ManualClock();
  const bearers = new Bearers({ clock, random: new SeededRandom(1), limits });
  const issue = (parent: BearerParent, life = 10 * MINUTE) => bearers.issue(parent, clock.now() + life, undefined);
  return { bearers, clock, issue };
}

describe("bearers", () => {
  it("are found by their text and by nothing else", () => {
    const { bearers, issue } = play();
    const { bearer, text } = issue(CI);
    expect(text).toMatch(/^cst_[0-9A-Za-z]{38}$/);
    expect(bearers.find(text)).toEqual(bearer);
    expect(bearers.byLookup(tokenLookup(storageHash(text)))).toEqual(bearer);
    expect(bearers.byLookup(new Uint8Array(16))).toBeUndefined();
    expect(JSON.stringify(bearer)).not.toContain(text.slice(4));
    for (const other of ["", "cst_", text.slice(0, -1), text.replace("cst_", "csk_"), issue(CI).text.slice(0, 41)]) {
      expect(bearers.find(other)).toBeUndefined();
    }
  });

  it("end with their parent, and no other's do", () => {
    const { bearers, issue } = play();
    const [first, second, other] = [issue(CI), issue(CI), issue(CD)];
    expect(bearers.endOf("token", "ci")).toEqual([first.bearer.id, second.bearer.id]);
    expect([first, second, other].map(({ text }) => bearers.find(text)?.id)).toEqual([undefined, undefined, other.bearer.id]);
    expect(bearers.endOf("token", "ci")).toEqual([]);
    bearers.end(other.bearer.id);
    bearers.end(other.bearer.id);
    expect(bearers.size).toBe(0);
  });

  it("expire at their time, to the millisecond", () => {
    const { clock, issue } = play();
    const { bearer } = issue(CI);
    expect(() => checkBearer(bearer, clock.now() + 10 * MINUTE - 1)).not.toThrow();
    expect(refusal(() => checkBearer(bearer, clock.now() + 10 * MINUTE)).code).toBe("TOKEN_EXPIRED");
  });

  it("are bounded for one parent and for all; a live one is never dropped for another", () => {
    const { bearers, clock, issue } = play();
    const kept = [issue(CI, MINUTE), issue(CI), issue(CI)];
    expect(refusal(() => issue(CI))).toMatchObject({ code: "RATE_LIMITED", details: { retryAfter: 60 } });
    kept.push(issue(CD), issue(CD));
    expect(refusal(() => issue(CD)).code).toBe("RATE_LIMITED");
    expect(kept.every(({ text }) => bearers.find(text) !== undefined)).toBe(true);
    clock.advance(60);
    issue(CI);
    expect(refusal(() => issue(CI)).code).toBe("RATE_LIMITED");
    expect(bearers.size).toBe(5);
    clock.advance(540);
    issue(CD);
    expect(bearers.size).toBeLessThanOrEqual(3);
  });
});
