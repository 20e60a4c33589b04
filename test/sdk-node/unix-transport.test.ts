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
