import { describe, expect, it } from "vitest";
import { bundleForBrowsers, MOST_BYTES, requireSmall } from "../../scripts/browser-bundle.ts";
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
    expect(files["core.js"]).toMatch(/\bimport\("\.\/pair\.js"\)/);
    expect(files["core.js"]).not.toContain("multiplyUnsafe");
    expect(files["pair.js"]).toContain("multiplyUnsafe");
    expect(sizes["pair.js"]).toBeGreaterThan(5000);
  });

  it("holds no module of Node, no schema library, and of packages the curve alone", () => {
    expect([...packages].sort()).toEqual(["@noble/curves", "@noble/hashes"]);
    for (const text of Object.values(files)) expect(text).not.toMatch(/["']node:|\bprocess\.|\brequire\(/);
  });

  it("keeps every code that a node may answer, and the words of those a page raises", () => {
    const core = files["core.js"] ?? "";
    const answers = Object.entries(ERRORS).filter(([, { kind }]) => kind === "answer");
    for (const [code] of answers) expect(core, code).toContain(code);
    for (const { meaning } of [ERRORS.PAIRING_WRONG_CODE, ERRORS.TIMEOUT, ERRORS.FORMAT_NEWER]) expect(core).toContain(meaning);
    for (const text of [ERRORS.PORT_TAKEN.meaning, ERRORS.HEADERS_TOO_LARGE.meaning, ERRORS.TIMEOUT.remedy])
      expect(core).not.toContain(text);
  });

  it("would not be built one byte larger", () => {
    expect(() => requireSmall({ "index.js": MOST_BYTES })).not.toThrow();
    expect(() => requireSmall({ "index.js": MOST_BYTES, "pair.js": 1 })).toThrow(/28001 bytes gzipped.*28000 are the most/);
  });
});
