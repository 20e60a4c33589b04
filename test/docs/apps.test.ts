/** docs/apps.md: its tables are those of the code, and its origins are treated as it says. What a Mac or a browser does is marked †. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TOPIC_NEEDS, TOPICS } from "../../src/catalogue/topics.ts";
import { SERVICE } from "../../src/discovery/names.ts";
import { localClient } from "../../src/sdk-node/index.ts";
import { type Answer, ask } from "../support/http.ts";
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
    const names = rowsUnder(TEXT, "program").map(({ program = "" }) => /\(examples\/([^/)]+)/.exec(program)?.[1] ?? "");
    expect(names.toSorted()).toEqual(readdirSync(join(import.meta.dirname, "../../docs/examples")).toSorted());
  });

  it("says what a page of another origin gets", async () => {
    const configured = "https://console.example.org";
    const node = await nodeOfTest({ env: { CIDER_ORIGINS: configured } });
    const { token } = await localClient(node.socket).generateAPIToken("page", "fullAccess");
    const change = (Origin: string) => ask(node, "PATCH /v1/node", { token, body: { name: "mini" }, headers: { Origin } });
    const asks = (Origin: string) => [
      change(Origin),
      ask(node, "GET /v1/node", { token, headers: { Origin } }),
      ask(node, "OPTIONS /v1/node", { headers: { Origin, "Access-Control-Request-Method": "PATCH" } }),
    ];
    const shown = ({ headers }: Answer) => Object.entries(headers).filter(([name]) => name.startsWith("access-control-"));
    const ours = await Promise.all(asks(configured));
    expect(ours.map(({ status }) => status)).toEqual([200, 200, 204]);
    for (const { headers } of ours) expect(headers).toMatchObject({ "access-control-allow-origin": configured, vary: "Origin" });
    for (const field of ["access-control-allow-headers", "access-control-expose-headers"])
      for (const name of String(ours[2]?.headers[field]).split(", ")) expect(TEXT).toContain(`\`${name}\``);
    const evil = await Promise.all(asks("https://evil.example.org"));
    expect(evil.map(({ status }) => status)).toEqual([403, 200, 403]);
    expect(evil.flatMap(shown)).toEqual([]);
    const socket = await openSocket(node, { headers: { Origin: configured } });
    await socket.frame(({ method }) => method === "hello");
    socket.raw.terminate();
    const refused = await refusedUpgrade(node, { headers: { Origin: "https://evil.example.org" } });
    expect(refused).toMatchObject({ status: 403, json: { code: "ORIGIN_REFUSED" } });
    const rebound = await ask(node, "GET /v1/node", { token, headers: { Host: "evil.example.org" } });
    expect(rebound).toMatchObject({ status: 421, json: { code: "WRONG_HOST" } });
  });
});
