import { expect, it, vi } from "vitest";
import { FleetClient, localClient } from "../../src/sdk-node/index.ts";
import { rejection } from "../foundation/refusal.ts";
import { temporaryFolder } from "../identity/certificates.ts";
import { nodeOfTest } from "../support/node.ts";

it("a client exchanges its token for a bearer, and another that holds the bearer meets the node by proof", async () => {
  vi.stubEnv("CIDER_CONFIG_DIR", temporaryFolder());
  const node = await nodeOfTest();
  const local = localClient(node.socket);
  const { id, token } = await local.generateAPIToken("ci", "fullAccess");
  const at = { host: "127.0.0.1", port: node.port };
  const holder = new FleetClient({ ...at, apiToken: token });
  const { access_token: apiToken } = await holder.exchangeToken({ grant_type: "client_credentials", scope: "machines:read" });

  vi.stubEnv("CIDER_CONFIG_DIR", temporaryFolder());
  const bearer = new FleetClient({ ...at, apiToken });
  expect(await bearer.getSelf()).toMatchObject({ actor: `token:${id}`, scopes: ["machines:read"] });
  expect((await rejection(bearer.renameNode({ name: "x" }))).code).toBe("INSUFFICIENT_SCOPE");
  expect((await rejection(bearer.exchangeToken({ grant_type: "client_credentials" }))).code).toBe("NOT_EXCHANGEABLE");
  expect(await holder.introspectToken({ token: apiToken })).toMatchObject({ active: true, client_id: id });
  await local.revokeAPIToken(id);
  expect((await rejection(bearer.getSelf())).code).toBe("TOKEN_INVALID");
  for (const client of [holder, bearer, local]) client.close();
});
