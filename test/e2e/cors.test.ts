/** Pages of other origins in Chromium: the configured one may use the node, any other learns nothing, whatever its name leads to. */

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { browserOfTest, originOfTest } from "./support/browser.ts";
import { type Daemon, daemonOfTest } from "./support/daemon.ts";
import { openWindow } from "./support/pairing.ts";
import { requirePrograms } from "./support/requirements.ts";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly token?: string;
  readonly body?: object;
}

/** Resolves in the page to what its script can see of the answer; to the error's name where the browser shows none. */
function fromPage(page: Page, { port }: Daemon, asked: Asked) {
  return page.evaluate(
    async ({ here, method, path, token, body }) => {
      const headers = {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() }),
      };
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      try {
        const answer = await fetch(here + path, { method, headers, ...sent });
        const { code, name } = (await answer.json()) as { code?: string; name?: string };
        return { status: answer.status, code, name, fields: [...answer.headers.keys()] };
      } catch (error) {
        return { refused: (error as Error).name };
      }
    },
    { here: `http://127.0.0.1:${port}`, ...asked },
  );
}

async function pageAt(origin: string): Promise<Page> {
  const page = await (await browserOfTest()).newPage();
  await page.goto(origin);
  return page;
}

test("a page of a configured origin reads answers and errors, changes things, and opens a WebSocket", async (context) => {
  requirePrograms(context, "chromium");
  const origin = await originOfTest();
  const daemon = await daemonOfTest({ env: { CIDER_ORIGINS: origin } });
  const { token, id } = await daemon.local().generateAPIToken("page", "fullAccess");
  const page = await pageAt(origin);

  const read = await fromPage(page, daemon, { method: "GET", path: "/v1/node", token });
  expect(read).toMatchObject({ status: 200, name: (await daemon.local().getNodeInfo()).name });
  expect(read.fields).toContain("x-request-id");
  const renamed = await fromPage(page, daemon, { method: "PATCH", path: "/v1/node", token, body: { name: "from a page" } });
  expect(renamed).toMatchObject({ status: 200, name: "from a page" });
  const issued = await fromPage(page, daemon, { method: "POST", path: "/v1/tokens", token, body: { name: "more" } });
  expect(issued).toMatchObject({ status: 403, code: "INSUFFICIENT_SCOPE" });
  expect(issued.fields).toContain("www-authenticate");

  await daemon.local().revokeAPIToken(id);
  const revoked = await fromPage(page, daemon, { method: "GET", path: "/v1/node", token });
  expect(revoked).toMatchObject({ status: 401, code: "TOKEN_REVOKED" });
  const nowhere = await fromPage(page, daemon, { method: "DELETE", path: "/v1/nowhere", token });
  expect(nowhere).toEqual({ refused: "TypeError" }); // its preflight is not answered with success
  expect(await fromPage(page, daemon, { method: "GET", path: "/v1/nowhere" })).toMatchObject({ status: 404, code: "NOT_FOUND" });
  expect(await greeting(page, daemon)).toBe("hello");
});

test("a page of any other origin can do and read nothing", async (context) => {
  requirePrograms(context, "chromium");
  const daemon = await daemonOfTest({ env: { CIDER_ORIGINS: "http://127.0.0.1:1" } });
  const { token } = await daemon.local().generateAPIToken("page", "fullAccess");
  const before = await daemon.local().getNodeInfo();
  const page = await pageAt(await originOfTest());
  for (const asked of [
    { method: "GET", path: "/api/health" },
    { method: "GET", path: "/v1/node", token },
    { method: "PATCH", path: "/v1/node", token, body: { name: "from a stranger" } },
    { method: "POST", path: "/rpc/GetHealth" },
  ])
    expect(await fromPage(page, daemon, asked)).toEqual({ refused: "TypeError" });
  expect(await greeting(page, daemon)).toBe("refused");
  expect(await daemon.local().getNodeInfo()).toEqual(before);
});

/** What a page asks of its own origin: status and code, or the refusal's name. */
const ASK_HOME = `async ({ path, method }) => {
  try {
    const answer = await fetch(path, { method });
    return [answer.status, (await answer.json()).code];
  } catch (error) {
    return error.name;
  }
}`;

test("a page whose name was turned to the node by its own DNS is told that it is elsewhere, and nothing more", async (context) => {
  requirePrograms(context, "chromium");
  const daemon = await daemonOfTest({ env: { CIDER_ORIGINS: "http://127.0.0.1:1" } });
  const { port } = daemon;
  const flags = ["--host-resolver-rules=MAP evil.example 127.0.0.1"];
  const page = await (await browserOfTest({ flags })).newPage();
  const stranger = Number(new URL(await originOfTest()).port);
  await page.goto(`http://evil.example:${stranger}`);
  expect(await page.title()).toBe("elsewhere");

  const answer = await page.goto(`http://evil.example:${port}/docs`);
  expect([answer?.status(), answer?.headers()["access-control-allow-origin"]]).toEqual([421, undefined]);
  expect(await answer?.json()).toMatchObject({ code: "WRONG_HOST" });
  // From here on the page is of the very origin it asks, so the browser shows it every answer.
  for (const [method, path] of [
    ["GET", "/api/health"],
    ["GET", "/v1/node"],
    ["GET", "/sdk/index.js"],
    ["POST", "/rpc/GetHealth"],
    ["POST", "/v1/pairing/begin"],
  ])
    expect(await page.evaluate(`(${ASK_HOME})(${JSON.stringify({ method, path })})`)).toEqual([421, "WRONG_HOST"]);
  expect(await greeting(page, daemon, "evil.example")).toBe("refused");
});

/** Loads the SDK from the node, pairs, and makes a signed call that a browser asks leave for; comes to the node's name, or to the refusal's. */
const PAIR = `async ({ port, code }) => {
  try {
    const { FleetClient } = await import("http://127.0.0.1:" + port + "/sdk/index.js");
    const { nodeId } = await FleetClient.pair("127.0.0.1", code, "elsewhere", port);
    const client = new FleetClient({ host: "127.0.0.1", port, nodeId });
    await client.renameNode({ name: "from elsewhere" });
    return (await client.getNodeInfo()).name;
  } catch (error) {
    return error.code ?? error.name;
  }
}`;

test("a page of a configured origin loads the SDK from the node, pairs and signs; any other does not get that far", async (context) => {
  requirePrograms(context, "chromium");
  const [ours, evil] = [await originOfTest(), await originOfTest()];
  const daemon = await daemonOfTest({ env: { CIDER_ORIGINS: ours } });
  const { code } = await openWindow(daemon);
  const pairFrom = async (origin: string): Promise<unknown> =>
    (await pageAt(origin)).evaluate(`(${PAIR})(${JSON.stringify({ port: daemon.port, code })})`);
  expect(await pairFrom(evil)).toBe("TypeError");
  expect(await pairFrom(ours)).toBe("from elsewhere");
  expect((await daemon.local().listPeers()).peers).toMatchObject([{ name: "elsewhere", kind: "browser" }]);
});

/** Resolves to the method of the first frame of a WebSocket that the page opens. */
function greeting(page: Page, { port }: Daemon, host = "127.0.0.1"): Promise<string> {
  return page.evaluate(
    (url) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(url, "cider-fleet.v1");
        socket.onmessage = ({ data }) => {
          resolve((JSON.parse(String(data)) as { method: string }).method);
          socket.close();
        };
        socket.onerror = () => resolve("refused");
      }),
    `ws://${host}:${port}/v1/ws`,
  );
}
