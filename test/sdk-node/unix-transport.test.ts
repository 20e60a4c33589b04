import { createServer as createHttpServer, type OutgoingHttpHeaders } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { FleetError } from "../../src/foundation/errors.ts";
import { connectionError, socketError } from "../../src/sdk-node/connection-errors.ts";
import { localClient } from "../../src/sdk-node/index.ts";
import { rejection } from "../foundation/refusal.ts";
import { temporaryFolder } from "../identity/certificates.ts";

const systemError = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code });

describe("the local socket", () => {
  it("is NOT_RUNNING without a file, for calls and for a WebSocket", async () => {
    const client = localClient(join(temporaryFolder(), "node.sock"));
    expect((await rejection(client.getStatus())).code).toBe("NOT_RUNNING");
    expect((await rejection(client.connect())).code).toBe("NOT_RUNNING");
  });

  it("is no node when it hangs up or speaks something else", async () => {
    const path = join(temporaryFolder(), "node.sock");
    const server = createServer((socket) => socket.on("error", () => undefined).end("SSH-2.0-other\r\n"));
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect((await rejection(localClient(path).getStatus())).code).toBe("CONNECTION_FAILED");
    expect((await rejection(localClient(path).connect())).code).toBe("CONNECTION_FAILED");
  });
});

describe("a server that fails", () => {
  /** Answers by these, in turn; what is undefined hangs up. Returns its path and the keys it was sent. */
  async function serverOfTest(...answers: readonly ([number, OutgoingHttpHeaders, object] | undefined)[]) {
    const keys: unknown[] = [];
    const server = createHttpServer((request, response) => {
      const answer = answers[keys.push(request.headers["idempotency-key"]) - 1];
      if (answer === undefined) request.socket.destroy();
      else response.writeHead(answer[0], answer[1]).end(JSON.stringify(answer[2]));
    });
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const path = join(temporaryFolder(), "node.sock");
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return { path, keys };
  }
  const busy = { code: "RATE_LIMITED", error: "busy" };

  it("is asked again, when it hung up and when its Retry-After is over, with the same key", async () => {
    const { path, keys } = await serverOfTest(undefined, [429, { "retry-after": "1" }, busy], [200, {}, { id: "t" }]);
    const begun = performance.now();
    expect(await localClient(path).generateAPIToken("ci")).toEqual({ id: "t" });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(1000);
    expect([keys.length, new Set(keys).size]).toEqual([3, 1]);
  });

  it("is asked no third time, and not at all when its Retry-After is longer than the call", async () => {
    const failing = await serverOfTest();
    expect((await rejection(localClient(failing.path, { retries: 1 }).getNodeInfo())).code).toBe("CONNECTION_FAILED");
    expect(failing.keys).toHaveLength(2);
    const patient = await serverOfTest([503, { "retry-after": "60" }, { code: "SHUTTING_DOWN", error: "stops" }]);
    expect(await rejection(localClient(patient.path).getNodeInfo())).toMatchObject({ details: { retryAfter: 60 } });
    expect(patient.keys).toHaveLength(1);
  });
});

describe("failures of the system", () => {
  it.each([
    ["ENOENT", "NOT_RUNNING"],
    ["ECONNREFUSED", "NOT_RUNNING"],
    ["EACCES", "SOCKET_REFUSED"],
    ["EPERM", "SOCKET_REFUSED"],
    ["EMFILE", "CONNECTION_FAILED"],
  ])("on the local socket: %s is %s and names the path", (code, expected) => {
    const error = socketError("/run/node.sock", systemError(code));
    expect([error.code, error.message.includes("/run/node.sock")]).toEqual([expected, true]);
  });

  it("on the way to a host are said in words, with the system's code beside them", () => {
    const error = connectionError("studio.local:9473", systemError("ENOTFOUND"));
    expect([error.message, error.details]).toEqual([
      "cannot reach studio.local:9473: no such host name",
      { reason: "ENOTFOUND" },
    ]);
    expect(connectionError("studio.local:9473", "odd").message).toBe("cannot reach studio.local:9473: unknown failure");
  });

  it("that are coded already stay as they are", () => {
    const coded = new FleetError("NODE_MISMATCH");
    expect([connectionError("x", coded), socketError("x", coded)]).toEqual([coded, coded]);
  });
});
