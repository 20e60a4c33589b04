/** docs/apps.md: its tables are those of the code, and its origins are treated as it says. What a Mac or a browser does is marked †. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TOPIC_NEEDS, TOPICS } from "../../src/catalogue/topics.ts";
import { SERVICE } from "../../src/discovery/names.ts";
import { localClient } from "../../src/sdk-node/index.ts";
import { ask } from "../support/http.ts";
import { nodeOfTest } from "../support/node.ts";
import { openSocket, refusedUpgrade } from "../support/sockets.ts";
import { documentText, rowsUnder } from "./tables.ts";

const TEXT = documentText("apps.md");

describe("docs/apps.md", () => {
  it("lists every topic with the scope it takes", () => {
    const rows = rowsUnder(TEXT, "topic").map(({ topic, scope }) => [topic, scope]);
    expect(rows).toEqual(TOPICS.map((topic) => [topic, TOPIC_NEEDS[topic]]));
  });

  it("names the service that a node announces", () => {
    expect(TEXT).toContain(`<string>${SERVICE.replace(/\.local$/, "")}</string>`);
  });

  it("lists every example", () => {
    const names = rowsUnder(TEXT, "program").map(({ program = "" }) => /\(examples\/(.*)\)/.exec(program)?.[1] ?? "");
    expect(names.toSorted()).toEqual(readdirSync(join(import.meta.dirname, "../../docs/examples")).toSorted());
  });

  it("says what a page of another origin gets", async () => {
    const configured = "https://console.example.org";
    const node = await nodeOfTest({ env: { CIDER_ORIGINS: configured } });
    const { token } = await localClient(node.socket).generateAPIToken("page", "fullAccess");
    const change = (Origin: string) => ask(node, "PATCH /v1/node", { token, body: { name: "mini" }, headers: { Origin } });
    for (const [origin, status] of [
      [configured, 200],
      ["https://evil.example.org", 403],
    ] as const) {
      const answers = [await change(origin), await ask(node, "GET /v1/node", { token, headers: { Origin: origin } })];
      expect(answers.map((answer) => answer.status)).toEqual([status, 200]);
      const preflight = await ask(node, "OPTIONS /v1/node", {
        headers: { Origin: origin, "Access-Control-Request-Method": "PATCH" },
      });
      expect(preflight.status).toBeGreaterThanOrEqual(400);
      for (const { headers } of [...answers, preflight])
        expect(Object.keys(headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
    }
    const socket = await openSocket(node, { headers: { Origin: configured } });
    await socket.frame(({ method }) => method === "hello");
    socket.raw.terminate();
    const refused = await refusedUpgrade(node, { headers: { Origin: "https://evil.example.org" } });
    expect(refused).toMatchObject({ status: 403, json: { code: "ORIGIN_REFUSED" } });
    const rebound = await ask(node, "GET /v1/node", { token, headers: { Host: "evil.example.org" } });
    expect(rebound).toMatchObject({ status: 421, json: { code: "WRONG_HOST" } });
  });
});
