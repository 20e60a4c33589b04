import { describe, expect, expectTypeOf, it, vi } from "vitest";
import {
  type OperationInput as CatalogueInput,
  type OperationName as CatalogueName,
  type OperationOutput as CatalogueOutput,
  OPERATION_NAMES,
  operationOf,
} from "../../src/catalogue/operations.ts";
import type { Topic as CatalogueTopic } from "../../src/catalogue/topics.ts";
import { Caller } from "../../src/sdk/caller.ts";
import { Client } from "../../src/sdk/client.ts";
import { findLocalContact } from "../../src/sdk/contact.ts";
import type { OperationInput, OperationName, OperationOutput } from "../../src/sdk/operations.ts";
import type { Topic } from "../../src/sdk/shapes.ts";
import { rejection } from "../foundation/refusal.ts";
import { bodyOf, FakeTransport, json } from "./fake-transport.ts";

/** The same type with every `readonly` taken off, so that two ways of writing it are equal. */
type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends object
      ? { -readonly [K in keyof T]: Plain<T[K]> }
      : T;

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Names whose input or output differs between the SDK and the catalogue. */
type Differing = {
  [N in CatalogueName & OperationName]: Equal<Plain<CatalogueInput<N>>, Plain<OperationInput<N>>> extends true
    ? Equal<Plain<CatalogueOutput<N>>, Plain<OperationOutput<N>>> extends true
      ? never
      : N
    : N;
}[CatalogueName & OperationName];

function clientOver(transport: FakeTransport): Client {
  return new Client(new Caller({ transport, find: findLocalContact, timeout: 1000 }));
}

const PEER = "5a07a723-c795-8830-ae2e-6be0ef71b399";

const methodOf = (operation: string): string => operation.charAt(0).toLowerCase() + operation.slice(1);

describe("the SDK's operations", () => {
  it("are those of the catalogue, with the same inputs and outputs", () => {
    expectTypeOf<OperationName>().toEqualTypeOf<CatalogueName>();
    expectTypeOf<Topic>().toEqualTypeOf<CatalogueTopic>();
    expectTypeOf<[Differing]>().toEqualTypeOf<[never]>();
  });

  it("have one method each, but streams, which need a socket", async () => {
    const transport = new FakeTransport(undefined, () => json(200, { tokens: [] }));
    const client = clientOver(transport);
    const methods = client as unknown as Readonly<Record<string, ((id: string) => Promise<unknown>) | undefined>>;
    for (const operation of OPERATION_NAMES) {
      const method = methods[methodOf(operation)];
      if (operationOf(operation).kind === "stream") expect(method).toBeUndefined();
      else await method?.call(client, PEER);
    }
    const callable = OPERATION_NAMES.filter((operation) => operationOf(operation).kind !== "stream");
    expect(transport.requests.map(({ path }) => path)).toEqual(callable.map((operation) => `/rpc/${operation}`));
  });
});

describe("a client's methods", () => {
  const transport = new FakeTransport(undefined, () => json(200, { tokens: [{ id: "t" }] }));
  const client = clientOver(transport);
  const lastBody = (): unknown => {
    const request = transport.requests.at(-1);
    return request && bodyOf(request);
  };

  it("send their input as flat JSON", async () => {
    await client.openPairing({ role: "viewer", seconds: 60 });
    expect(lastBody()).toEqual({ role: "viewer", seconds: 60 });
    await client.openPairing();
    expect(lastBody()).toEqual({});
    await client.getNodeInfo();
    expect(lastBody()).toEqual({});
  });

  it("take a token's name and permissions, or everything as one object", async () => {
    await client.generateAPIToken("ci", "fullAccess", { expires: "30d" });
    expect(lastBody()).toEqual({ name: "ci", permissions: "fullAccess", expires: "30d" });
    await client.generateAPIToken("ci");
    expect(lastBody()).toEqual({ name: "ci" });
    await client.generateAPIToken({ name: "ci", permissions: "custom", scopes: ["machines:read"] });
    expect(lastBody()).toEqual({ name: "ci", permissions: "custom", scopes: ["machines:read"] });
  });

  it("end a peer or token by its id alone", async () => {
    await client.removePeer(PEER);
    expect([transport.requests.at(-1)?.path, lastBody()]).toEqual(["/rpc/RemovePeer", { id: PEER }]);
    await client.deleteAPIToken("t");
    expect([transport.requests.at(-1)?.path, lastBody()]).toEqual(["/rpc/DeleteAPIToken", { id: "t" }]);
    expect((await rejection(client.removePeer("my laptop"))).code).toBe("INVALID_OPTIONS");
  });

  it("return the list of tokens itself, and refuse an answer without one", async () => {
    expect(await client.listAPITokens()).toEqual([{ id: "t" }]);
    const odd = clientOver(new FakeTransport(undefined, () => json(200, {})));
    expect((await rejection(odd.listAPITokens())).code).toBe("INVALID_ANSWER");
  });

  it("stop for their signal and for their own time-out", async () => {
    const silent = clientOver(new FakeTransport(undefined, () => new Promise(() => undefined)));
    const controller = new AbortController();
    const call = rejection(silent.getNodeInfo({ signal: controller.signal }));
    controller.abort();
    expect((await call).code).toBe("ABORTED");
    expect((await rejection(silent.getNodeStats({ timeout: 1 }))).code).toBe("TIMEOUT");
    expect((await rejection(silent.renameNode({ name: "x" }, { timeout: 1 }))).code).toBe("TIMEOUT");
    expect((await rejection(silent.generateAPIToken("x", "readOnly", { timeout: 1 }))).code).toBe("TIMEOUT");
  });

  it("show no secret when a client is printed", async () => {
    const { inspect } = await import("node:util");
    const { findByToken } = await import("../../src/sdk/token-contact.ts");
    const { Records } = await import("../../src/sdk/records.ts");
    const token = "csk_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL2CB5HI";
    const random = { bytes: vi.fn() };
    const find = findByToken({
      token,
      responderNodeId: undefined,
      records: new Records({ get: () => undefined, set: vi.fn() }),
      random,
    });
    const secretive = new Client(new Caller({ transport, find, timeout: 1000 }));
    expect(inspect(secretive, { depth: 9, showHidden: true }) + JSON.stringify(secretive)).not.toContain("aB3dE6gH9");
  });
});
