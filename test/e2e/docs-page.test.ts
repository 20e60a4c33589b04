/** The page at `/docs` in a browser: it draws every operation, one can be tried, and nobody but the node is asked for anything. */

import { expect, test } from "vitest";
import { openapi } from "../../src/api/openapi/document.ts";
import { isJsonObject } from "../../src/wire/parse.ts";
import { ask } from "../support/http.ts";
import { watchedPage } from "./support/browser.ts";
import { daemonOfTest } from "./support/daemon.ts";
import { requirePrograms } from "./support/requirements.ts";

/** How many operations the document has. */
function countOperations(): number {
  const { paths } = openapi("0.1.0");
  const items = Object.values(isJsonObject(paths) ? paths : {});
  return items.flatMap((item) => Object.keys(isJsonObject(item) ? item : {})).length;
}

test("draws every operation without a complaint, and asks only the node", async (context) => {
  requirePrograms(context, "chromium");
  const daemon = await daemonOfTest();
  const { complaints, origins, page } = await watchedPage();
  const here = `http://127.0.0.1:${daemon.port}`;
  await page.goto(`${here}/docs`);
  await page.locator(".opblock").first().waitFor();
  expect(await page.locator(".opblock").count()).toBe(countOperations());

  const health = page.locator("#operations-RPC-rpcGetHealth");
  await health.locator(".opblock-summary-control").click();
  await health.getByRole("button", { name: "Try it out" }).click();
  await health.getByRole("button", { name: "Execute" }).click();
  await expect.poll(() => health.locator(".live-responses-table").innerText()).toContain(daemon.nodeId);

  expect(complaints).toEqual([]);
  expect([...origins].filter((origin) => origin !== "null")).toEqual([here]);
});

test("is light or dark as the system is, also when that changes", async (context) => {
  requirePrograms(context, "chromium");
  const daemon = await daemonOfTest();
  const { page } = await watchedPage();
  await page.goto(`http://127.0.0.1:${daemon.port}/docs`);
  const ground = (): Promise<unknown> => page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(ground).toBe("rgb(28, 32, 34)");
  await page.emulateMedia({ colorScheme: "light" });
  await expect.poll(ground).toBe("rgba(0, 0, 0, 0)");
});

test("holds the page to that by its policy, which a script of its own could not leave", async (context) => {
  requirePrograms(context, "chromium");
  const daemon = await daemonOfTest();
  const { complaints, page } = await watchedPage();
  await page.goto(`http://127.0.0.1:${daemon.port}/docs`);
  await page.locator(".opblock").first().waitFor();
  const outcome = await page.evaluate(() => fetch("http://127.0.0.1:1/").then(String, () => "refused"));
  expect(outcome).toBe("refused");
  expect(complaints.join("\n")).toContain("Content Security Policy");
});

test("is of the version that is installed, takes GET only, and needs no credential", async () => {
  const daemon = await daemonOfTest();
  const { headers, json } = await ask(daemon.place, "GET /openapi.json");
  const health = await ask(daemon.place, "GET /api/health");
  expect(headers["content-type"]).toBe("application/json");
  expect(json["info"]).toMatchObject({ version: health.json["version"] });
  for (const path of ["/docs", "/docs/", "/docs/start.js", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"]) {
    const answer = await ask(daemon.place, `GET ${path}`);
    expect([path, answer.status, answer.headers["content-security-policy"]]).toEqual([
      path,
      200,
      expect.stringMatching(/^default-src 'none';/),
    ]);
    expect((await ask(daemon.place, `POST ${path}`)).json).toMatchObject({ code: "METHOD_NOT_ALLOWED" });
  }
  expect((await ask(daemon.place, "GET /docs/../package.json")).status).toBeGreaterThanOrEqual(400);
  expect((await ask(daemon.place, "GET /docs/nothing.html")).json).toMatchObject({ code: "NOT_FOUND" });
});
