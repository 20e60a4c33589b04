/** What a running node answers about itself, and about what it cannot do yet. */

import { availableParallelism, totalmem } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OPERATION_NAMES, operationOf } from "../../src/catalogue/operations.ts";
import { anyText, listWith, numberNear, textLike } from "../support/anything.ts";
import { ask, asLocal, rpc, textIn } from "../support/http.ts";
import { startTestNode, type TestNode } from "../support/node.ts";

let node: TestNode;
let readOnly: string;
let fullAccess: string;

beforeAll(async () => {
  node = await startTestNode({ flags: { name: "mini01" } });
  const issue = async (permissions: string) =>
    textIn(await asLocal(node, "GenerateAPIToken", { name: "x", permissions }), "token");
  [readOnly, fullAccess] = [await issue("readOnly"), await issue("fullAccess")];
});
afterAll(() => node.end());

describe("the node", () => {
  it("describes itself with the members the discontinued product had", async () => {
    const { json } = await rpc(node, "GetNodeInfo", { apiToken: readOnly });
    expect(json).toEqual({
      name: "mini01",
      nodeId: node.nodeId,
      machineModel: textLike(/./),
      osVersion: textLike(/./),
      fleetVersion: node.version,
      cpuCores: availableParallelism(),
      totalMemoryGB: numberNear(totalmem() / 2 ** 30, 0),
    });
    expect((await ask(node, "GET /v1/node", { token: readOnly })).json).toEqual(json);
  });

  it("measures the machine", async () => {
    const { json } = await ask(node, "GET /v1/node/stats", { token: readOnly });
    for (const member of ["cpuUsagePercent", "memoryUsedGB", "memoryTotalGB", "diskUsedGB", "diskTotalGB"])
      expect(json[member]).toBeGreaterThanOrEqual(0);
    expect(json).toMatchObject({ runningVMCount: 0, totalVMCount: 0 });
    expect(Number(json["memoryUsedGB"])).toBeLessThanOrEqual(Number(json["memoryTotalGB"]));
    expect(Number(json["cpuUsagePercent"])).toBeLessThanOrEqual(100);
  });

  it("takes another name, whole or not at all", async () => {
    const rename = (name: unknown) => ask(node, "PATCH /v1/node", { token: fullAccess, body: { name } });
    expect((await rename(" a 😀 ")).json["name"]).toBe(" a 😀 ");
    for (const name of ["", "x".repeat(65), "a\nb", "\ud800", 7, null, undefined])
      expect((await rename(name)).json["code"]).toBe("INVALID_REQUEST");
    expect((await ask(node, "GET /api/health")).json["name"]).toBe(" a 😀 ");
    expect((await rename("mini01")).status).toBe(200);
  });

  it("tells whoever runs it where it is", async () => {
    expect(await asLocal(node, "GetStatus")).toMatchObject({
      nodeId: node.nodeId,
      fleetId: node.fleetId,
      port: node.port,
      socket: node.socket,
      dataDir: node.dataDir,
      addresses: listWith(anyText),
      peers: 0,
      tokens: 2,
      pairing: "closed",
      pid: process.pid,
    });
  });

  it("has no virtual machines", async () => {
    expect((await rpc(node, "ListVMs", { apiToken: readOnly })).json).toEqual({ vms: [] });
  });
});

describe("what it cannot do yet", () => {
  const unbuilt = OPERATION_NAMES.filter((name) => operationOf(name).missing !== undefined);

  it.each(unbuilt)("%s is 501 and says what is missing, to who might do it", async (name) => {
    const { json, status } = await rpc(node, name, { apiToken: fullAccess, vmName: "anything" });
    expect(status).toBe(501);
    expect(json).toMatchObject({ success: false, code: "OPERATION_UNAVAILABLE", error: operationOf(name).missing });
    expect((await rpc(node, name, {})).status).toBe(401);
    const reads = operationOf(name).need === "machines:read";
    expect((await rpc(node, name, { apiToken: readOnly })).status).toBe(reads ? 501 : 403);
  });
});

describe("REST and RPC", () => {
  it("answer the same data at every route", async () => {
    for (const name of OPERATION_NAMES.filter((each) => operationOf(each).rest?.method === "GET" && !each.endsWith("Stats"))) {
      const path = operationOf(name).rest?.path ?? "";
      if (path.includes(":")) continue;
      const [rest, old] = [await ask(node, `GET ${path}`, { via: "socket" }), await rpc(node, name, {}, { via: "socket" })];
      expect([name, old.status]).toEqual([name, rest.status]);
      expect(Object.keys(old.json).filter((member) => member !== "success" && member !== "message")).toEqual(
        expect.arrayContaining(rest.status === 200 ? Object.keys(rest.json) : ["code"]),
      );
    }
  });

  it("refuse members nobody knows, also in the query", async () => {
    for (const answer of [
      await ask(node, "GET /v1/node?surprise=1", { token: readOnly }),
      await ask(node, "GET /v1/node?__proto__=1", { token: readOnly }),
      await rpc(node, "GetNodeInfo", { apiToken: readOnly, surprise: 1 }),
      await ask(node, "PATCH /v1/node?name=a", { token: fullAccess, body: { name: "b" } }),
      await ask(node, "PATCH /v1/node?name=a&name=b", { token: fullAccess }),
    ])
      expect([answer.status, answer.json["code"]]).toEqual([400, "INVALID_REQUEST"]);
  });

  it("take members from the path, the query and the body as one object", async () => {
    expect((await ask(node, "PATCH /v1/node?name=by%20query", { token: fullAccess })).json["name"]).toBe("by query");
    expect((await ask(node, "PATCH /v1/node", { token: fullAccess, body: { name: "by body" } })).json["name"]).toBe("by body");
  });
});
