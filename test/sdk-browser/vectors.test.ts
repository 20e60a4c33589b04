/** The known answers of `test/vectors`, computed in Chromium by the client that pages load. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it, type TestContext } from "vitest";
import { requirePrograms } from "../e2e/support/requirements.ts";
import { type OpenPage, pageWith } from "./chromium.ts";

const FILES = readdirSync(join(import.meta.dirname, "../vectors"));

/** What `pages/vectors.ts` offers. */
interface Program {
  checkVectors(file: string): Promise<Checked>;
}

interface Checked {
  readonly compared: number;
  readonly differences: readonly string[];
}

describe("in Chromium", () => {
  let opening: Promise<OpenPage> | undefined;

  afterAll(async () => (await opening)?.close());

  async function check(context: TestContext, file: string): Promise<Checked> {
    requirePrograms(context, "chromium");
    opening ??= pageWith("vectors.ts");
    const { page } = await opening;
    return page.evaluate((name) => (globalThis as unknown as Program).checkVectors(name), file);
  }

  for (const file of FILES) {
    it(`${file} holds`, async (context) => {
      const { compared, differences } = await check(context, file);
      expect(differences).toEqual([]);
      expect(compared).toBeGreaterThan(0);
    });
  }

  it("compares each of Wycheproof's 262 signatures", async (context) => {
    expect((await check(context, "wycheproof-ecdsa_secp256r1_sha256_p1363_test.json")).compared).toBe(262);
  });

  it("passes no new file by", async (context) => {
    await expect(check(context, "new.json")).rejects.toThrow("no check for new.json");
  });
});
