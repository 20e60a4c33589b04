import { execFile } from "node:child_process";
import { Agent, request as httpRequest } from "node:http";
import { type TLSSocket, connect as tlsConnect } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Handlers } from "../../src/api/http-server.ts";
import { requireNode } from "../../src/identity/pin.node.ts";
import { testNode } from "../identity/certificates.ts";
import { ask, asLanHost, dial, echo, testPort, until, untilClosed } from "./listeners.ts";

const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/** Resolves to a pinned TLS connection. */
async function dialTls(port: number, options: Readonly<Record<string, unknown>> = {}): Promise<TLSSocket> {
  const socket = tlsConnect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options });
  onTestFinished(() => void socket.destroy());
  await new Promise<void>((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  socket.on("error", () => undefined);
  return socket;
}

describe("one port", () => {
  it("answers TLS and plain HTTP, and says which it was", async () => {
    const { port, node, seen } = await testPort();
    expect(await ask("https", port, { ca: node.certificates.caPem })).toMatchObject({ status: 200, text: "tls GET 0" });
    expect(await ask("http", port)).toMatchObject({ status: 200, text: "loopback GET 0" });
    expect(seen.requests).toEqual([
      { via: "tls", address: "127.0.0.1", network: "127.0.0.1" },
      { via: "loopback", address: "127.0.0.1", network: "127.0.0.1" },
    ]);
  });

  it("serves both families at ::, IPv4 callers under their plain address", async () => {
    const { port, seen, addresses } = await testPort({ listen: ["::"] });
    expect(addresses).toEqual(["::"]);
    await ask("http", port, { host: "127.0.0.1" });
    await ask("http", port, { host: "::1" });
    expect(seen.requests.map(({ via, address, network }) => [via, address, network])).toEqual([
      ["loopback", "127.0.0.1", "127.0.0.1"],
      ["loopback", "::1", "::/64"],
    ]);
  });

  it("serves every configured address at the same port", async () => {
    const { port } = await testPort({ listen: ["127.0.0.1", "::1", "127.0.0.2"] });
    for (const host of ["127.0.0.1", "::1", "127.0.0.2"]) expect((await ask("http", port, { host })).status).toBe(200);
    const both = await testPort({ listen: ["::", "0.0.0.0"] });
    for (const host of ["127.0.0.1", "::1"]) expect((await ask("http", both.port, { host })).status).toBe(200);
  });

  it("passes bodies on whole, whether they arrive with the first byte or later", async () => {
    const { port, node } = await testPort();
    const body = "x".repeat(300_000);
    expect((await ask("http", port, { method: "POST", body })).text).toBe("loopback POST 300000");
    expect((await ask("https", port, { method: "POST", body, ca: node.certificates.caPem })).text).toBe("tls POST 300000");
    const socket = await dial(port);
    for (const part of ["P", "OST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\na", "b", "c"]) {
      socket.write(part);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await untilClosed(socket)).toMatch(/loopback POST 3$/);
  });

  it("answers pipelined requests in order", async () => {
    const { port } = await testPort();
    const socket = await dial(port);
    socket.write(GET + GET.replace("GET", "PUT") + GET.replace("Host", "Connection: close\r\nHost"));
    expect((await untilClosed(socket)).match(/loopback \w+/g)).toEqual(["loopback GET", "loopback PUT", "loopback GET"]);
  });

  it.each([
    ["plain", "at once"],
    ["plain", "later"],
    ["TLS", "at once"],
    ["TLS", "later"],
  ])("reads only so far ahead of its answers (%s, answered %s)", async (way, when) => {
    let requests = 0;
    const { handlers } = echo();
    const onRequest: Handlers["onRequest"] = (_, response) => {
      requests++;
      if (when === "at once") response.end("x");
      else setImmediate(() => response.end("x"));
    };
    const { port } = await testPort({ limits: { requestsWaiting: 8 }, handlers: { ...handlers, onRequest } });
    const socket = way === "TLS" ? await dialTls(port) : await dial(port);
    socket.write(GET.repeat(400)); // one chunk of node:http's
    await untilClosed(socket);
    expect(requests).toBeGreaterThanOrEqual(8);
    expect(requests).toBeLessThan(12);
  });

  it("takes as many again from a client that has read its answers", async () => {
    const { port } = await testPort({ limits: { requestsWaiting: 8 } });
    const socket = await dial(port);
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    for (const times of [7, 14, 21]) {
      socket.write(GET.repeat(7));
      await expect.poll(() => text.split("loopback GET").length - 1).toBe(times);
    }
  });

  it("answers a client that closes its half after asking", async () => {
    const { port } = await testPort();
    const socket = await dial(port);
    socket.end(GET);
    expect(await untilClosed(socket)).toContain("loopback GET 0");
  });

  it("leaves the reading to node:http: no chunk of a kept connection passes through JavaScript", async () => {
    const handles: unknown[] = [];
    let chunks = 0;
    const { port } = await testPort({
      handlers: {
        onRequest(request, response) {
          const { _handle: handle } = request.socket as unknown as { _handle: { _consumed: boolean } };
          handles.push(handle._consumed);
          const emit = request.socket.emit.bind(request.socket);
          request.socket.emit = (event: string, ...rest: unknown[]) => {
            if (event === "data") chunks += 1;
            return emit(event, ...rest);
          };
          response.end("ok");
        },
        onUpgrade: () => undefined,
        onClientError: () => undefined,
        onPlainRefused: () => undefined,
      },
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    for (let i = 0; i < 5; i++) {
      await new Promise<void>((resolve, reject) => {
        httpRequest({ port, host: "127.0.0.1", agent }, (response) => response.resume().on("end", resolve))
          .on("error", reject)
          .end();
      });
    }
    expect(handles).toEqual([true, true, true, true, true]);
    expect(chunks).toBe(0);
  });
});

describe("TLS", () => {
  it("presents a chain that leads to the node's key", async () => {
    const { port, node } = await testPort();
    const socket = await dialTls(port, { servername: `${node.nodeId}.cider-fleet.internal` });
    expect(requireNode(socket, node.nodeId, Date.now())).toEqual(node.key.publicKey);
  });

  it("presents a renewed leaf from the next handshake on, and keeps the connections it has", async () => {
    const { port, node } = await testPort();
    const { caPem } = node.certificates;
    const before = await dialTls(port);
    node.current = { ...node.current, addresses: ["10.9.8.7"] };
    await node.certificates.renew();
    const after = await dialTls(port, { ca: caPem, rejectUnauthorized: true, servername: "localhost" });
    expect(after.getPeerCertificate().fingerprint).not.toBe(before.getPeerCertificate().fingerprint);
    before.write(GET.replace("Host", "Connection: close\r\nHost"));
    expect(await untilClosed(before)).toContain("tls GET 0");
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("resumes no session under %s", async (maxVersion) => {
    const { port } = await testPort();
    const first = tlsConnect({ host: "127.0.0.1", port, rejectUnauthorized: false, maxVersion });
    let session: Buffer | undefined;
    first.on("session", (ticket: Buffer) => {
      session = ticket;
    });
    first.write(GET.replace("Host", "Connection: close\r\nHost"));
    await untilClosed(first);
    session ??= first.getSession();
    const second = await dialTls(port, { maxVersion, session });
    expect(second.isSessionReused()).toBe(false);
  });

  it("speaks HTTP/1.1 only, and TLS 1.2 at the least", async () => {
    const { port } = await testPort();
    expect((await dialTls(port, { ALPNProtocols: ["h2", "http/1.1"] })).alpnProtocol).toBe("http/1.1");
    await expect(dialTls(port, { ALPNProtocols: ["h2"] })).rejects.toThrow();
    await expect(
      dialTls(port, { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }),
    ).rejects.toThrow();
  });

  it("presents an owner's certificate for its host name alone", async () => {
    const owner = await testNode({ configured: ["home.example.org"] });
    const { port, node } = await testPort({ ownedCertificates: new Map([["home.example.org", owner.certificates.context()]]) });
    const idOf = async (servername?: string) => {
      const socket = await dialTls(port, servername === undefined ? {} : { servername });
      return socket.getPeerCertificate().issuer.CN;
    };
    expect(await idOf("home.example.org")).toBe(owner.nodeId);
    expect(await idOf("HOME.example.org")).toBe(owner.nodeId);
    expect(await idOf(`${node.nodeId}.cider-fleet.internal`)).toBe(node.nodeId);
    expect(await idOf("node.cider-fleet.internal")).toBe(node.nodeId);
    expect(await idOf()).toBe(node.nodeId);
  });
});

describe("real clients with ca.pem", () => {
  const run = (command: string, args: readonly string[]) =>
    new Promise<string>((resolve, reject) => {
      execFile(command, [...args], { encoding: "utf8" }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(stderr));
      });
    });
  const PYTHON = `
import ssl, sys, urllib.request
context = ssl.create_default_context(cafile=sys.argv[1])
context.verify_flags |= ssl.VERIFY_X509_STRICT
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
print(opener.open(sys.argv[2]).read().decode(), end="")
`;

  it.each([
    ["curl", (ca: string, url: string) => run("curl", ["-sS", "--noproxy", "*", "--cacert", ca, url])],
    ["Python", (ca: string, url: string) => run("python3", ["-c", PYTHON, ca, url])],
  ])("%s: verifies by address and name, before and after a re-issue, with the same file", async (_, get) => {
    const { port, node } = await testPort({ listen: ["127.0.0.1", "127.0.0.3"] });
    const ca = `${node.folder}/ca.pem`;
    expect(await get(ca, `https://127.0.0.1:${port}/`)).toBe("tls GET 0");
    expect(await get(ca, `https://localhost:${port}/`)).toBe("tls GET 0");
    await expect(get(ca, `https://127.0.0.3:${port}/`)).rejects.toThrow(/127\.0\.0\.3/);
    node.current = { ...node.current, addresses: ["127.0.0.3"] };
    await node.certificates.renew();
    expect(await get(ca, `https://127.0.0.3:${port}/`)).toBe("tls GET 0");
    const stranger = await testNode();
    await expect(get(`${stranger.folder}/ca.pem`, `https://127.0.0.1:${port}/`)).rejects.toThrow(/verif/i);
  });
});

describe("what is neither", () => {
  it.each([
    ["binary", "\x00\x01\x02"],
    ["lower case", "get / HTTP/1.1\r\n\r\n"],
    ["SSLv2", "\x80\x2e\x01"],
  ])("closes on %s without a word", async (_, bytes) => {
    const { port, seen } = await testPort();
    const socket = await dial(port);
    socket.write(bytes, "latin1");
    expect(await untilClosed(socket)).toBe("");
    expect(seen).toEqual({ requests: [], upgrades: [], clientErrors: [], refused: [] });
  });

  it("closes on a TLS record that is no hello", async () => {
    const { port, seen } = await testPort();
    const socket = await dial(port);
    socket.write("\x16GET / HTTP/1.1\r\n\r\n", "latin1");
    await untilClosed(socket);
    expect(seen.requests).toEqual([]);
  });

  it("closes a silent connection, and one that ends without a byte", async () => {
    const { port, connections } = await testPort({ limits: { firstByteTime: 30 } });
    expect(await untilClosed(await dial(port))).toBe("");
    const ended = await dial(port);
    ended.end();
    expect(await untilClosed(ended)).toBe("");
    await until(() => connections.open === 0);
  });

  it("gives a handshake a limit that trickling does not extend", async () => {
    const { port } = await testPort({ limits: { handshakeTime: 150 } });
    const socket = await dial(port);
    const hello = Buffer.concat([Buffer.from([0x16, 3, 1, 2, 0]), Buffer.alloc(512)]);
    let sent = 0;
    const timer = setInterval(() => void socket.write(hello.subarray(sent, ++sent)), 20);
    onTestFinished(() => clearInterval(timer));
    await untilClosed(socket);
    expect(sent).toBeLessThan(100);
  });

  it("gives header fields and whole requests a limit", async () => {
    const { port, seen } = await testPort({ limits: { headerTime: 60, bodyTime: 60, slowClientCheckTime: 20 } });
    const slow = await dial(port);
    slow.write("GET / HTTP/1.1\r\nX: ");
    expect(await untilClosed(slow)).toMatch(/^HTTP\/1.1 400/);
    const half = await dial(port);
    half.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
    expect(await untilClosed(half)).toMatch(/^HTTP\/1.1 400/);
    expect(seen.clientErrors).toEqual(["ERR_HTTP_REQUEST_TIMEOUT", "ERR_HTTP_REQUEST_TIMEOUT"]);
  });

  it("closes what stands idle between requests", async () => {
    const { port } = await testPort({ limits: { idleTime: 50 } });
    const socket = await dial(port);
    socket.write(GET);
    expect(await untilClosed(socket)).toContain("loopback GET 0");
  });

  it("closes a connection on which an answer stands still, over TLS and plain", async () => {
    const { port } = await testPort({
      limits: { idleTime: 80 },
      handlers: {
        onRequest: () => undefined,
        onUpgrade: () => undefined,
        onClientError: () => undefined,
        onPlainRefused: () => undefined,
      },
    });
    for (const socket of [await dialTls(port), await dial(port)]) {
      socket.write(GET);
      expect(await untilClosed(socket)).toBe("");
    }
  });

  it("keeps a connection on which an answer moves, however long it takes", async () => {
    const { port, node } = await testPort({
      limits: { idleTime: 80 },
      handlers: {
        onRequest: (_, response) => {
          let parts = 0;
          const timer = setInterval(() => {
            response.write(".");
            if (++parts === 30) response.end(() => clearInterval(timer));
          }, 10);
        },
        onUpgrade: () => undefined,
        onClientError: () => undefined,
        onPlainRefused: () => undefined,
      },
    });
    expect((await ask("http", port)).text).toBe(".".repeat(30));
    expect((await ask("https", port, { ca: node.certificates.caPem })).text).toBe(".".repeat(30));
  });

  it("hands what node:http cannot read to one place", async () => {
    const { port, seen } = await testPort();
    for (const bytes of ["GET / HTTP/9.9\r\n\r\n", `GET / HTTP/1.1\r\nX: ${"x".repeat(17_000)}\r\n\r\n`]) {
      const socket = await dial(port);
      socket.write(bytes);
      expect(await untilClosed(socket)).toMatch(/^HTTP\/1.1 400/);
    }
    expect(seen.clientErrors).toEqual(["HPE_INVALID_VERSION", "HPE_HEADER_OVERFLOW"]);
  });

  it("leaves a missing Host field to the steps above", async () => {
    const { port } = await testPort();
    const socket = await dial(port);
    socket.write("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1.1 200/);
  });
});

describe("upgrades", () => {
  const upgrade = (protocol: string) =>
    `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\nHTTP2-Settings: \r\n\r\n`;

  it("hands a WebSocket over, over TLS and plain, and forgets its idle limit", async () => {
    const { port, seen } = await testPort({ limits: { idleTime: 60 } });
    for (const socket of [await dialTls(port), await dial(port)]) {
      socket.setEncoding("latin1");
      let text = "";
      socket.on("data", (part: string) => {
        text += part;
      });
      socket.write(upgrade("WebSocket"));
      await until(() => text.endsWith("hello"));
      await new Promise((resolve) => setTimeout(resolve, 150));
      socket.write("still here");
      await until(() => text.endsWith("still here"));
    }
    expect(seen.upgrades.map(({ via }) => via)).toEqual(["tls", "loopback"]);
  });

  it("answers other upgrades as the requests they are, body included", async () => {
    const { port, seen } = await testPort();
    const headers = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMAAABk" };
    expect(await ask("http", port, { method: "POST", body: "hello", headers })).toMatchObject({
      status: 200,
      text: "loopback POST 5",
    });
    expect(seen.upgrades).toEqual([]);
  });
});

describe("plain HTTP from another host", () => {
  it("is answered 426 with what to use instead, and closed", async () => {
    const { port, seen } = await testPort({ addressing: asLanHost });
    const answer = await ask("http", port, { method: "POST", body: "secret" });
    expect(answer).toMatchObject({
      status: 426,
      text: '{"code":"TLS_REQUIRED"}',
      headers: { upgrade: "TLS/1.2", connection: "Upgrade" },
    });
    expect(seen).toMatchObject({ requests: [], refused: [{ via: "plain", address: "127.0.0.1" }] });
    const socket = await dial(port);
    socket.write(GET);
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1.1 426/);
  });

  it("is refused a WebSocket in the same way", async () => {
    const { port, seen } = await testPort({ addressing: asLanHost });
    const socket = await dial(port);
    socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1.1 426/);
    expect(seen.upgrades).toEqual([]);
  });

  it("reads the answer though it is still sending, and is cut off after a limit", async () => {
    const { port } = await testPort({ addressing: asLanHost, limits: { discardBytes: 200_000 } });
    const socket = await dial(port);
    const answer = untilClosed(socket);
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90000000\r\n\r\n");
    const timer = setInterval(() => void socket.write(Buffer.alloc(50_000)), 2);
    onTestFinished(() => clearInterval(timer));
    expect(await answer).toMatch(/^HTTP\/1.1 426[\s\S]*TLS_REQUIRED/);
  });

  it("is cut off after a time when its body never comes", async () => {
    const { port } = await testPort({ addressing: asLanHost, limits: { discardTime: 40 } });
    const socket = await dial(port);
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1.1 426/);
  });

  it("is served where the configuration says so, and known as plain", async () => {
    const { port, seen } = await testPort({ addressing: asLanHost, plaintext: "lan" });
    expect((await ask("http", port)).status).toBe(200);
    expect(seen.requests[0]?.via).toBe("plain");
  });

  it("is refused to this machine too where plaintext is never", async () => {
    const { port, node } = await testPort({ plaintext: "never" });
    expect((await ask("http", port)).status).toBe(426);
    expect((await ask("https", port, { ca: node.certificates.caPem })).status).toBe(200);
  });
});

describe("places", () => {
  it("are given back when connections end, whatever they were", async () => {
    const { port, connections } = await testPort();
    const sockets = [await dial(port), await dial(port), await dialTls(port)];
    sockets[0]?.write(GET);
    await until(() => connections.open === 3);
    for (const socket of sockets) socket.destroy();
    await until(() => connections.open === 0);
  });

  it("are limited for one host of the LAN: one more is closed at once, one less is served again", async () => {
    const { port, node, connections } = await testPort({ addressing: asLanHost, limits: { connectionsPerNetwork: 2 } });
    const first = await dial(port);
    await dial(port);
    await until(() => connections.open === 2);
    expect(await untilClosed(await dial(port))).toBe("");
    expect(connections.refused).toBe(1);
    first.destroy();
    await until(() => connections.open === 1);
    expect((await ask("https", port, { ca: node.certificates.caPem })).status).toBe(200);
  });
});

describe("closing", () => {
  it("lets a running answer finish, tells the client, and ends idle connections at once", async () => {
    let finish: (() => void) | undefined;
    const { port, close, connections } = await testPort({
      limits: { stopTime: 5000 },
      handlers: {
        onRequest: (_, response) => {
          finish = () => response.end("done");
        },
        onUpgrade: () => undefined,
        onClientError: () => undefined,
        onPlainRefused: () => undefined,
      },
    });
    const busy = await dial(port);
    const answer = untilClosed(busy);
    busy.write(GET);
    const idle = await dialTls(port);
    const silent = await dial(port);
    await until(() => finish !== undefined && connections.open === 3);
    const closed = close();
    await untilClosed(idle);
    finish?.();
    expect(await answer).toContain("done");
    await closed;
    await untilClosed(silent);
    await expect(ask("http", port)).rejects.toThrow("ECONNREFUSED");
  });

  it("cuts what does not finish in time", async () => {
    const { port, close, connections } = await testPort({
      limits: { stopTime: 60 },
      handlers: {
        onRequest: () => undefined,
        onUpgrade: () => undefined,
        onClientError: () => undefined,
        onPlainRefused: () => undefined,
      },
    });
    const stuck = await dial(port);
    stuck.write(GET);
    await until(() => connections.open === 1);
    await close();
    expect(await untilClosed(stuck)).toBe("");
  });
});
