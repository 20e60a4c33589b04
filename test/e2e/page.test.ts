/** docs/examples/page: the page as it stands, served by the built node, in Chromium. */

import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { watchedPage } from "./support/browser.ts";
import { type Daemon, daemonOfTest } from "./support/daemon.ts";
import { twoHosts } from "./support/network.ts";
import { openWindow } from "./support/pairing.ts";
import { requirePrograms, requireRoot } from "./support/requirements.ts";

const EXAMPLE = join(import.meta.dirname, "../../docs/examples/page");
/** A page is told of things when the machine has time for it. */
const SOON = { timeout: 20_000 };
const PHONE = { viewport: { width: 390, height: 844 } };

function nodeWithPage(): Promise<Daemon> {
  return daemonOfTest({ options: ["--listen", "127.0.0.1", "--pages", EXAMPLE] });
}

/** Asks the page's own key for its bytes, as what breaks into the page would; comes to the name of the browser's refusal. */
const EXPORT = `
  new Promise((resolve) => {
    const opening = indexedDB.open("cider-fleet");
    opening.onsuccess = () => {
      const asking = opening.result.transaction("keys").objectStore("keys").get("own");
      asking.onsuccess = () =>
        crypto.subtle.exportKey("pkcs8", asking.result.privateKey).then(() => resolve("exported"), (error) => resolve(error.name));
    };
  })
`;

/** Types a code and sends it. */
async function type(page: Page, code: string): Promise<void> {
  await page.getByLabel("Code").fill(code);
  await page.getByRole("button", { name: "Pair" }).click();
}

/** Pairs the page by a window of its own, and resolves when the node is shown. */
async function pair(page: Page, daemon: Daemon, ...options: readonly string[]): Promise<void> {
  const { code, command } = await openWindow(daemon, ...options);
  await type(page, code);
  await command.line("paired");
  await page.getByRole("heading", { name: "Machine" }).waitFor();
}

/** What went wrong beside answers that a browser reports for their status alone. */
function defects(complaints: readonly string[]): readonly string[] {
  return complaints.filter((text) => !/^Failed to load resource|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE/.test(text));
}

const notice = (page: Page) => page.getByRole("alert").innerText();
const state = (page: Page) => page.getByRole("status").innerText();

describe("on the node's own machine", () => {
  test("pairs by the code, shows the node and what happens, keeps its key, and outlasts a restart", async (context) => {
    requirePrograms(context, "chromium");
    const daemon = await nodeWithPage();
    const { complaints, origins, page } = await watchedPage(PHONE);
    await page.goto(`http://127.0.0.1:${daemon.port}/pages`);
    await page.getByRole("heading", { name: (await daemon.local().getNodeInfo()).name }).waitFor();
    expect(await page.locator(":focus").getAttribute("id"), "the code can be typed at once").toBe("code");
    await type(page, "000 000");
    expect(await notice(page)).toMatch(/^No code is valid at the moment\./);
    const wrong = await openWindow(daemon);
    await type(page, wrong.code === "123456" ? "654321" : "123456");
    await expect.poll(() => notice(page), SOON).toMatch(/^That code is not right/);
    await daemon.cli("pair", "--close");

    await pair(page, daemon);
    expect(await page.locator(":focus").getAttribute("id"), "a screen reader says whose page it is").toBe("name");
    await expect.poll(() => page.locator("#cpu").innerText(), SOON).toMatch(/^\d+$/);
    expect(await page.locator("#facts").innerText()).toContain(daemon.nodeId);
    await daemon.local().renameNode({ name: "orchard" });
    await page.getByRole("heading", { name: "orchard" }).waitFor();
    expect(await page.locator("#events").innerText()).toContain("RenameNode by local");

    await page.reload();
    await page.getByRole("heading", { name: "orchard" }).waitFor();
    await expect.poll(() => state(page), SOON).toBe("live");
    expect(await page.evaluate(EXPORT)).toBe("InvalidAccessError");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(PHONE.viewport.width);

    await daemon.kill();
    await expect.poll(() => state(page), SOON).toMatch(/^away, trying again in \d+ s$/);
    await daemon.start();
    await daemon.local().renameNode({ name: "press" });
    await page.getByRole("heading", { name: "press" }).waitFor();
    expect(await state(page)).toBe("live");
    expect(defects(complaints)).toEqual([]);
    expect([...origins].filter((origin) => origin !== "null")).toEqual([`http://127.0.0.1:${daemon.port}`]);
  });

  test("says that it was removed, and unpairs itself where it may", async (context) => {
    requirePrograms(context, "chromium");
    const daemon = await nodeWithPage();
    const { complaints, page } = await watchedPage();
    await page.goto(`http://127.0.0.1:${daemon.port}/pages/`);
    await pair(page, daemon);
    await expect.poll(() => state(page), SOON).toBe("live");
    const [peer] = (await daemon.local().listPeers()).peers;
    expect(peer).toMatchObject({ kind: "browser", channel: "loopback", role: "admin" });
    await daemon.local().removePeer(peer?.id ?? "");
    await expect.poll(() => notice(page), SOON).toMatch(/^This browser was removed from the node\./);
    expect(await page.getByLabel("Code").isVisible()).toBe(true);
    await page.reload();
    expect(await state(page)).toBe("not paired");

    await pair(page, daemon);
    await page.getByRole("button", { name: "Unpair" }).click();
    await expect.poll(async () => (await daemon.local().listPeers()).peers, SOON).toEqual([]);
    await page.getByLabel("Code").waitFor();
    expect(defects(complaints)).toEqual([]);
  });

  test("is light or dark as the person likes it", async (context) => {
    requirePrograms(context, "chromium");
    const daemon = await nodeWithPage();
    const ground = async (colorScheme: "light" | "dark"): Promise<unknown> => {
      const { page } = await watchedPage({ ...PHONE, colorScheme });
      await page.goto(`http://127.0.0.1:${daemon.port}/pages/`);
      await page.getByLabel("Code").waitFor();
      return page.evaluate("getComputedStyle(document.body).backgroundColor");
    };
    expect([await ground("light"), await ground("dark")]).toEqual(["rgb(246, 244, 240)", "rgb(22, 20, 18)"]);
  });
});

test("from another host, which trusts ca.pem, it pairs in a window for pages only, and as a viewer sees no record", async (context) => {
  requireRoot(context);
  requirePrograms(context, "chromium", "certutil", "ip");
  const [node, other] = await twoHosts("192.168.1.100/24", "192.168.1.50/24");
  const daemon = await daemonOfTest({ options: ["--pages", EXAMPLE], port: 9473, before: node.before });
  const { complaints, page } = await watchedPage({}, { trusted: daemon.place.ca, before: other.before });
  await page.goto("https://192.168.1.100:9473/pages/");
  expect(await page.locator("#command").innerText()).toBe("cider fleet pair --allow blind");
  const strict = await openWindow(daemon);
  await type(page, strict.code);
  await expect.poll(() => notice(page), SOON).toContain('"cider fleet pair --allow blind"');
  await daemon.cli("pair", "--close");

  await pair(page, daemon, "--allow", "blind", "--role", "viewer");
  await expect.poll(() => state(page), SOON).toBe("live");
  expect((await daemon.local().listPeers()).peers).toMatchObject([{ channel: "blind", role: "viewer" }]);
  await daemon.local().renameNode({ name: "cellar" });
  await page.getByRole("heading", { name: "cellar" }).waitFor();
  expect(await page.locator("#events").innerText()).toContain("renamed to cellar");
  await page.getByRole("button", { name: "Unpair" }).click();
  await expect.poll(() => notice(page), SOON).toContain("cider fleet peers remove");
  expect(defects(complaints)).toEqual([]);
});

test("from another host that does not trust ca.pem it is shown neither over TLS nor without", async (context) => {
  requireRoot(context);
  requirePrograms(context, "chromium", "ip");
  const [node, other] = await twoHosts("192.168.1.100/24", "192.168.1.50/24");
  await daemonOfTest({ options: ["--pages", EXAMPLE], port: 9473, before: node.before });
  const { page } = await watchedPage({}, { before: other.before });
  expect((await page.goto("http://192.168.1.100:9473/pages/"))?.status()).toBe(426);
  await expect(page.goto("https://192.168.1.100:9473/pages/")).rejects.toThrow("ERR_CERT_AUTHORITY_INVALID");
});
