import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { findListener, portTaken } from "../../src/api/port-owner.ts";
import { testNode } from "../identity/certificates.ts";
import { othersMayEnter } from "../support/reach.ts";
import { testPort } from "./listeners.ts";

const ROOT = join(import.meta.dirname, "../..");

const NODE_ID = "f857ae4e-d6e3-8e33-b61a-ea25caaee3fe";

async function listening(server: Server, host = "127.0.0.1"): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function healthServer(body: string): Promise<number> {
  const { certificates } = await testNode();
  const answer: RequestListener = (request, response) => response.end(request.url === "/api/health" ? body : "");
  return listening(createTlsServer(certificates.context(), answer));
}

describe("a taken port", () => {
  it("names the node that has it", async () => {
    const port = await healthServer(JSON.stringify({ nodeId: NODE_ID, name: "studio" }));
    await expect(testPort({ port })).rejects.toMatchObject({
      code: "PORT_TAKEN",
      message: `port ${port} is in use by node ${NODE_ID} ("studio")`,
      details: { port, nodeId: NODE_ID },
    });
  });

  it("repeats no name that could disguise itself on a terminal", async () => {
    const port = await healthServer(JSON.stringify({ nodeId: NODE_ID, name: "\u001b[2J" }));
    expect((await portTaken("127.0.0.1", port)).message).toBe(`port ${port} is in use by node ${NODE_ID}`);
  });

  it.each([
    ["linux", "ss -ltnp 'sport = :"],
    ["darwin", "lsof -nP -iTCP:"],
  ] as const)("names the command of %s where a stranger has it", async (platform, command) => {
    const port = await listening(createServer((_, response) => response.end("hello")));
    expect((await portTaken("127.0.0.1", port, platform)).message).toContain(`${command}${port}`);
  });

  it.each([
    ["no JSON", "hello"],
    ["another id", JSON.stringify({ nodeId: "'; rm -rf /" })],
    ["too much", JSON.stringify({ nodeId: NODE_ID, more: "x".repeat(100_000) })],
  ])("believes nothing that is %s", async (_, body) => {
    const port = await healthServer(body);
    const error = await portTaken("127.0.0.1", port);
    expect(error.message).toContain("another program");
    expect(error.details).toEqual({ port });
  });

  it("does not wait for who accepts and says nothing", async () => {
    const port = await listening(createTcpServer(() => undefined));
    expect((await portTaken("127.0.0.1", port)).message).toContain("another program");
  });

  it("takes all addresses or none", async () => {
    const taken = await listening(
      createTcpServer(() => undefined),
      "127.0.0.5",
    );
    await expect(testPort({ listen: ["127.0.0.1", "127.0.0.5"], port: taken })).rejects.toMatchObject({ code: "PORT_TAKEN" });
    expect((await testPort({ port: taken })).port).toBe(taken);
  });

  it.each(["127.0.0.1", "::1"])("is found at %s, where macOS would let a second listener shadow it", async (host) => {
    const port = await listening(
      createTcpServer(() => undefined),
      host,
    );
    expect(await findListener(port)).toBe(host);
  });

  it("is not found where nobody listens", async () => {
    const server = createTcpServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await findListener(port)).toBeUndefined();
  });
});

describe("an address or port that cannot be used", () => {
  it("is an error of the configuration that names it", async () => {
    await expect(testPort({ listen: ["192.0.2.1"] })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("192.0.2.1") as unknown,
    });
  });

  const IS_ROOT = process.getuid?.() === 0;
  /** Containers often open all ports to everybody. */
  const FIRST_OPEN = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
  const isGuarded = process.platform === "linux" && Number(readFileSync(FIRST_OPEN, "utf8")) > 1;
  it.runIf(isGuarded && (!IS_ROOT || othersMayEnter(ROOT)))("that only root may open says so", async () => {
    const port = 1;
    const program = `import { listen } from ${JSON.stringify(join(ROOT, "src/api/listen.ts"))};
      await listen(["127.0.0.1"], ${port}, () => undefined).catch(({ code, message }) => console.log(code, message));`;
    const account = IS_ROOT ? { uid: 65_534, gid: 65_534 } : {};
    const words = ["--import", "tsx", "--input-type=module", "--eval", program];
    const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: ROOT, ...account });
    expect(stdout).toBe("CONFIG_INVALID port: this account may not open port 1; choose one from 1024\n");
  });
});
