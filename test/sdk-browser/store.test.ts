/** The store and the signer of pages, in Chromium: what is kept, by whom it can be read, and what is refused. */

import type { Page } from "playwright-core";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { requirePrograms } from "../e2e/support/requirements.ts";
import { type OpenPage, pageWith } from "./chromium.ts";

async function openPage(context: TestContext): Promise<OpenPage> {
  requirePrograms(context, "chromium");
  const opened = await pageWith("store.ts");
  onTestFinished(opened.close);
  return opened;
}

/** Calls what `pages/store.ts` offers on `kept`. */
async function inPage(page: Page, name: string, ...args: readonly string[]): Promise<unknown> {
  return page.evaluate(
    ({ asked, given }) => {
      const { kept } = globalThis as unknown as { kept: Readonly<Record<string, (...args: string[]) => Promise<unknown>>> };
      return kept[asked]?.(...given);
    },
    { asked: name, given: [...args] },
  );
}

const NODES = ["nodes/f857ae4e-d6e3-8e33-b61a-ea25caaee3fe", "nodes/5a07a723-c795-8830-ae2e-6be0ef71b399"] as const;

test("texts survive a reload, are replaced whole, and those of nodes are listed", async (context) => {
  const { page, reload } = await openPage(context);
  expect(await inPage(page, "get", NODES[0])).toBeUndefined();
  for (const name of NODES) await inPage(page, "set", name, "first");
  await inPage(page, "set", NODES[0], "second");
  await inPage(page, "set", "nodesomething", "else");
  await reload();
  expect(await inPage(page, "get", NODES[0])).toBe("second");
  expect(await inPage(page, "list")).toEqual([...NODES].sort());
});

test("the key is made once, survives a reload, and nobody reads it", async (context) => {
  const { page, reload } = await openPage(context);
  expect(await inPage(page, "key")).toBeUndefined();
  const made = await inPage(page, "keyOrNew");
  expect(made).toMatch(/^04[0-9a-f]{128}$/);
  await reload();
  expect([await inPage(page, "key"), await inPage(page, "keyOrNew")]).toEqual([made, made]);
  expect(await inPage(page, "export")).toEqual([false, "InvalidAccessError", "InvalidAccessError"]);
  expect(await inPage(page, "race")).toEqual([true, true]);
});

test("a damaged key is never replaced, and keys of other kinds sign nothing", async (context) => {
  const { page } = await openPage(context);
  await inPage(page, "keyOrNew");
  await inPage(page, "damage");
  expect([await inPage(page, "key"), await inPage(page, "keyOrNew")]).toEqual(["STORE_UNUSABLE", "STORE_UNUSABLE"]);
  expect(await inPage(page, "otherKeys")).toEqual(["INVALID_OPTIONS", "INVALID_OPTIONS"]);
});

test("a page that is given no database or no WebCrypto is told so by a code", async (context) => {
  const { page } = await openPage(context);
  await page.evaluate("Object.defineProperty(globalThis, 'indexedDB', { value: { open: () => { throw new Error('no') } } })");
  expect(await inPage(page, "get", NODES[0])).toBe("STORE_UNUSABLE");
  await page.evaluate("Object.defineProperty(crypto, 'subtle', { value: undefined })");
  await expect(inPage(page, "export")).rejects.toThrow("no WebCrypto");
});
