import { expect, it } from "vitest";
import { ask, asLocal, listIn } from "../support/http.ts";
import { nodeOfTest } from "../support/node.ts";
import { newKey, pair } from "../support/peers.ts";

it("GET /v1/peers is paged, filtered and sorted when asked, and whole when not", async () => {
  const node = await nodeOfTest();
  await pair(node, "admin", newKey(), "laptop");
  await pair(node, "viewer", newKey(), "wall");
  await pair(node, "viewer", newKey(), "Display");
  const list = async (query: string) => {
    const { json } = await ask(node, `GET /v1/peers${query}`, { via: "socket" });
    return { names: listIn(json, "peers").map(({ name }) => name), cursor: json["cursor"] };
  };
  expect(await list("")).toEqual({ names: ["laptop", "wall", "Display"], cursor: null });
  expect((await list("?role=viewer&q=DIS")).names).toEqual(["Display"]);
  const first = await list("?limit=2&sort=-name");
  expect(first.names).toEqual(["wall", "laptop"]);
  expect(await list(`?limit=2&sort=-name&cursor=${String(first.cursor)}`)).toEqual({ names: ["Display"], cursor: null });
  const [{ id } = {}] = listIn(await asLocal(node, "ListPeers", { q: "wall" }), "peers");
  expect((await list(`?q=${String(id).slice(0, 8)}`)).names).toEqual(["wall"]);
  const other = await ask(node, `GET /v1/peers?cursor=${String(first.cursor)}`, { via: "socket" });
  expect(other.json).toMatchObject({ code: "INVALID_REQUEST", field: "cursor" });
  expect((await ask(node, "GET /v1/peers?role=king", { via: "socket" })).status).toBe(400);
});
