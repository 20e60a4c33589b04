import { describe, expect, it } from "vitest";
import { hashOfToken } from "../../src/crypto/token-hash.node.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import { makeTokenText } from "../../src/wire/token.ts";
import { ask, asLocal, listIn, textIn } from "../support/http.ts";
import { nodeOfTest, type TestNode } from "../support/node.ts";

const LOCAL = { via: "socket" } as const;

async function tokensOf(
  node: TestNode,
  query = "",
): Promise<{ rows: readonly Record<string, unknown>[]; next: string | undefined }> {
  const answer = await ask(node, `GET /v1/projects/${node.fleetId}/tokens${query}`, LOCAL);
  expect(answer.status).toBe(200);
  const next = /^<\/v1\/projects\/[^?]+(\?[^>]+)>; rel="next"$/.exec(String(answer.headers["link"]))?.[1];
  return { rows: JSON.parse(answer.text) as Record<string, unknown>[], next };
}

describe("project tokens", () => {
  it("are issued with the secret, and listed without", async () => {
    const node = await nodeOfTest();
    const path = `POST /v1/projects/${node.fleetId}/tokens`;
    const made = await ask(node, path, { ...LOCAL, body: { name: "ci" } });
    expect(made.status).toBe(201);
    expect(Object.keys(made.json)).toEqual(["id", "token", "name", "permissions", "createdAt"]);
    expect(made.json["permissions"]).toEqual(["read:*"]);
    expect((await ask(node, "GET /v1/node", { token: textIn(made.json, "token") })).status).toBe(200);
    const { rows } = await tokensOf(node);
    expect(rows).toEqual([{ ...made.json, token: "redacted" }]);
    expect(await asLocal(node, "GetAPIToken", { id: made.json["id"] })).toMatchObject({ permissions: "readOnly" });
    const custom = await ask(node, path, { ...LOCAL, body: { name: "cd", permissions: ["machines:write"], expires: "1d" } });
    expect(custom.json["permissions"]).toEqual(["machines:write"]);
  });

  it("are refused for another project, with no permission, and to who may not", async () => {
    const node = await nodeOfTest();
    const path = `POST /v1/projects/${node.fleetId}/tokens`;
    expect((await ask(node, "GET /v1/projects/other/tokens", LOCAL)).json["code"]).toBe("NOT_FOUND");
    expect((await ask(node, path, { ...LOCAL, body: { name: "ci", permissions: [] } })).status).toBe(400);
    expect((await ask(node, path, { ...LOCAL, body: { name: "ci", permissions: ["tokens:manage"] } })).status).toBe(400);
    expect((await ask(node, path, { body: { name: "ci" } })).status).toBe(401);
  });

  it("come in pages that Link leads through", async () => {
    const node = await nodeOfTest();
    const issued: string[] = [];
    for (const name of ["a", "b", "c", "d", "e"]) {
      const { createdAt, id } = await asLocal(node, "GenerateAPIToken", { name });
      issued.push([createdAt, id, name].join(" "));
    }
    // By time; two that were issued within a millisecond stand by their ids.
    const [a, b, c, d, e] = issued.sort().map((token) => token.slice(-1));
    const gone = await asLocal(node, "GenerateAPIToken", { name: "gone" });
    await asLocal(node, "RevokeAPIToken", { id: gone["id"] });
    const seen: unknown[] = [];
    for (let query: string | undefined = "?limit=2"; query !== undefined; ) {
      const page: Awaited<ReturnType<typeof tokensOf>> = await tokensOf(node, query);
      seen.push(page.rows.map(({ name }) => name));
      query = page.next;
    }
    expect(seen).toEqual([[a, b], [c, d], [e]]);
    expect((await ask(node, `GET /v1/projects/${node.fleetId}/tokens?limit=0`, LOCAL)).status).toBe(400);
  });
});

describe("GET /v1/tokens", () => {
  it("is paged, filtered and sorted when asked, and whole when not", async () => {
    const node = await nodeOfTest();
    for (const name of ["b", "a", "c"]) await asLocal(node, "GenerateAPIToken", { name });
    const list = async (query: string) => {
      const { json } = await ask(node, `GET /v1/tokens${query}`, LOCAL);
      return { names: listIn(json, "tokens").map(({ name }) => name), cursor: json["cursor"] };
    };
    expect(await list("")).toEqual({ names: ["b", "a", "c"], cursor: null });
    const first = await list("?limit=2&sort=name");
    expect(first.names).toEqual(["a", "b"]);
    expect(await list(`?limit=2&sort=name&cursor=${String(first.cursor)}`)).toEqual({ names: ["c"], cursor: null });
    expect((await list("?q=A&status=active")).names).toEqual(["a"]);
    expect((await ask(node, "GET /v1/tokens?status=lost", LOCAL)).status).toBe(400);
  });
});

describe("a token registered by its hash", () => {
  it("is good on every node it is registered with, and its text is on none", async () => {
    const text = makeTokenText(systemRandom);
    const order = { name: "vault", hash: hashOfToken(text) };
    for (const node of [await nodeOfTest(), await nodeOfTest()]) {
      const made = await ask(node, "POST /v1/tokens/register", { ...LOCAL, body: order });
      expect(made).toMatchObject({ status: 201, json: { name: "vault", tokenPrefix: "csk_", permissions: "readOnly" } });
      expect(made.json).not.toHaveProperty("token");
      expect((await ask(node, "GET /v1/node", { token: text })).status).toBe(200);
    }
  });

  it("twice is as once; otherwise, or after its end, it is a conflict", async () => {
    const node = await nodeOfTest();
    const order = { name: "vault", hash: hashOfToken(makeTokenText(systemRandom)) };
    const register = (body: object) => ask(node, "POST /v1/tokens/register", { ...LOCAL, body });
    const made = await register(order);
    expect((await register(order)).json["id"]).toBe(made.json["id"]);
    expect((await register({ ...order, name: "other" })).json["code"]).toBe("CONFLICT");
    expect((await register({ ...order, permissions: "fullAccess" })).json["code"]).toBe("CONFLICT");
    await asLocal(node, "RevokeAPIToken", { id: made.json["id"] });
    expect((await register(order)).json["code"]).toBe("CONFLICT");
    expect((await register({ name: "x", hash: "ab" })).json).toMatchObject({ code: "INVALID_REQUEST", field: "hash" });
  });
});
