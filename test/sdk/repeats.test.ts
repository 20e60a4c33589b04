import { describe, expect, it } from "vitest";
import { FleetError } from "../../src/foundation/errors.ts";
import { Caller } from "../../src/sdk/caller.ts";
import { Client } from "../../src/sdk/client.ts";
import { findLocalContact } from "../../src/sdk/contact.ts";
import { rejection } from "../foundation/refusal.ts";
import { type Answerer, FakeTransport, json } from "./fake-transport.ts";

/** A client whose first request meets this error. */
function clientThatFails(error: FleetError, answer: Answerer = () => json(200, { id: "t" })) {
  let failed = false;
  const transport = new FakeTransport(undefined, (request) => {
    if (failed) return answer(request);
    failed = true;
    throw error;
  });
  const client = new Client(new Caller({ transport, find: findLocalContact, timeout: 1000 }));
  const keys = (): unknown[] => transport.requests.map(({ headers }) => headers["idempotency-key"]);
  return { client, keys };
}

const CUT = new FleetError("CONNECTION_FAILED", "the connection was cut", { reason: "ECONNRESET" });

describe("a call whose connection is cut", () => {
  it("is sent again once, with the same key", async () => {
    const { client, keys } = clientThatFails(CUT);
    expect(await client.generateAPIToken("ci")).toEqual({ id: "t" });
    const [first, second, ...more] = keys();
    expect(first).toMatch(/^[0-9A-Za-z]{22}$/);
    expect([second, more]).toEqual([first, []]);
  });

  it("tells when it was carried out before and its secret is lost", async () => {
    const known = { code: "IDEMPOTENCY_KNOWN", error: "known", ids: ["t1"] };
    const { client } = clientThatFails(CUT, () => json(409, known));
    expect(await rejection(client.generateAPIToken("ci"))).toMatchObject({ code: "IDEMPOTENCY_KNOWN", details: { ids: ["t1"] } });
  });

  it("is not sent again when it was never sent, or is cut twice", async () => {
    const refused = clientThatFails(new FleetError("CONNECTION_FAILED", "nothing listens there", { reason: "ECONNREFUSED" }));
    expect((await rejection(refused.client.getNodeInfo())).code).toBe("CONNECTION_FAILED");
    expect(refused.keys()).toHaveLength(1);
    const twice = clientThatFails(CUT, () => {
      throw CUT;
    });
    expect((await rejection(twice.client.getNodeInfo())).code).toBe("CONNECTION_FAILED");
    expect(twice.keys()).toHaveLength(2);
  });
});

describe("a key of the caller's own", () => {
  it("goes instead of the client's, which makes a new one for every call", async () => {
    const transport = new FakeTransport(undefined, () => json(200, { id: "t" }));
    const client = new Client(new Caller({ transport, find: findLocalContact, timeout: 1000 }));
    await client.generateAPIToken("ci", "readOnly", { idempotencyKey: "deploy-7" });
    await client.getNodeInfo();
    await client.getNodeInfo();
    const keys = transport.requests.map(({ headers }) => headers["idempotency-key"]);
    expect(keys[0]).toBe("deploy-7");
    expect(new Set(keys).size).toBe(3);
  });
});
