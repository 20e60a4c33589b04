import { describe, expect, it } from "vitest";
import { bundleForBrowsers, MOST_BYTES, requireSmall } from "../../scripts/browser-bundle.ts";
import { emptyThrown } from "../../scripts/browser-texts.ts";
import { ERRORS } from "../../src/foundation/error-table.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

describe("the browser SDK as it is shipped", async () => {
  const { files, packages, sizes } = await bundleForBrowsers(ROOT);

  it("is at most 28 kB gzipped, pairing included", () => {
    const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
    expect(MOST_BYTES).toBe(28_000);
    expect(total).toBeGreaterThan(20_000);
    expect(total).toBeLessThanOrEqual(MOST_BYTES);
  });

  it("loads the curve when somebody pairs, and not before", () => {
    expect(Object.keys(files).sort()).toEqual(["core.js", "index.js", "pair.js"]);
    const holds = (name: string, text: string): boolean => files[name]?.includes(text) === true;
    expect(holds("core.js", 'import("./pair.js")')).toBe(true);
    expect([holds("core.js", "multiplyUnsafe"), holds("pair.js", "multiplyUnsafe")]).toEqual([false, true]);
    expect(sizes["pair.js"]).toBeGreaterThan(5000);
  });

  it("holds no module of Node, no schema library, and of packages the curve alone", () => {
    expect([...packages].sort()).toEqual(["@noble/curves", "@noble/hashes"]);
    expect(Object.values(files).filter((text) => /["']node:|\bprocess\.|\brequire\(/.test(text))).toEqual([]);
  });

  it("keeps every code that a node may answer, and words where a page has none of its own", () => {
    const core = files["core.js"] ?? "";
    const answers = Object.entries(ERRORS).filter(([, { kind }]) => kind === "answer");
    expect(answers.filter(([code]) => !core.includes(code))).toEqual([]);
    const said = [ERRORS.PAIRING_WRONG_CODE, ERRORS.NODE_MISMATCH, ERRORS.CREDENTIAL_ENDED, ERRORS.RATE_LIMITED];
    expect(said.filter(({ meaning }) => !core.includes(meaning))).toEqual([]);
    const unsaid = [ERRORS.PORT_TAKEN.meaning, ERRORS.HEADERS_TOO_LARGE.meaning, ERRORS.CREDENTIAL_ENDED.remedy];
    expect(unsaid.filter((text) => core.includes(text))).toEqual([]);
  });

  it("loses the texts of thrown errors without a code, however they are written, and no others", () => {
    const thrown = `if (a) throw new SyntaxError(\`\${f(b, ")")} is "none"\`, { cause })\nelse throw new Error('x' + (y))`;
    expect(emptyThrown(thrown)).toBe("if (a) throw new SyntaxError()\nelse throw new Error()");
    const kept = `throw new FleetError("NOT_FOUND", "no (such) thing");\nconst e = new Error("made");\nlog("throw new Error('a');");`;
    expect(emptyThrown(kept)).toBe(kept);
  });

  it("would not be built one byte larger", () => {
    expect(() => requireSmall({ "index.js": MOST_BYTES })).not.toThrow();
    expect(() => requireSmall({ "index.js": MOST_BYTES, "pair.js": 1 })).toThrow(/28001 bytes gzipped.*28000 are the most/);
  });
});
