/** Pages of the owner: what of a folder is served, and what never is, whoever writes it. */

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LIMITS } from "../../src/api/limits.ts";
import { StaticFolder } from "../../src/api/static-folder.ts";
import { pagesFolder } from "../../src/daemon/pages.ts";
import { ask } from "../support/http.ts";
import { startTestNode, type TestNode } from "../support/node.ts";

const INDEX = "<!doctype html><title>mine</title>";
/** What must never be seen. */
const SECRET = "not a page";

/** Makes a folder a link that leads elsewhere and a folder again, as fast as it can. */
const SWAP = `
  const { renameSync } = require("node:fs");
  const { name, other, aside } = require("node:worker_threads").workerData;
  for (;;) {
    renameSync(name, aside);
    renameSync(other, name);
    renameSync(name, other);
    renameSync(aside, name);
  }
`;

let folder: string;
let outside: string;
let node: TestNode;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "cider-pages-")));
  outside = realpathSync(mkdtempSync(join(tmpdir(), "cider-outside-")));
  writeFileSync(join(outside, "secret.txt"), SECRET);
  for (const name of ["app", "app/.git", ".well-known"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "index.html"), INDEX);
  writeFileSync(join(folder, "app/index.html"), "<!doctype html><title>app</title>");
  writeFileSync(join(folder, "app/main.js"), "export const here = true;\n");
  writeFileSync(join(folder, "empty.txt"), "");
  for (const name of [".env.json", ".well-known/x.json", "app/.git/config.txt", "page.php", "identity.key", "noending"])
    writeFileSync(join(folder, name), SECRET);
  node = await startTestNode({ env: { CIDER_PAGES: folder, CIDER_ORIGINS: "https://console.example.org" } });
});
afterAll(async () => {
  await node.end();
  for (const path of [folder, outside]) rmSync(path, { recursive: true });
});

/** Resolves to status and whether anything of the secret came with it. */
async function seen(path: string): Promise<readonly unknown[]> {
  const { status, text } = await ask(node, `GET ${path}`);
  return [status, text.includes(SECRET)];
}

describe("a page", () => {
  it("is served as it is, under a policy that knows this node alone", async () => {
    const { headers, status, text } = await ask(node, "GET /pages/");
    expect([status, text]).toEqual([200, INDEX]);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "content-length": String(INDEX.length),
      "cache-control": "no-cache",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
      vary: "Origin",
    });
    const policy = String(headers["content-security-policy"]);
    expect(policy.split("; ").map((rule) => rule.split(" ")[0])).toEqual(
      expect.arrayContaining(["default-src", "script-src", "connect-src", "base-uri", "form-action", "frame-ancestors"]),
    );
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(headers["x-request-id"]).toMatch(/^[0-9a-f]{8}-/);
  });

  it("is found by its name, a folder by its index, and a query changes nothing", async () => {
    expect((await ask(node, "GET /pages/app/main.js?v=1")).headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect((await ask(node, "GET /pages/app/")).text).toContain("app");
    expect((await ask(node, "GET /pages/empty.txt")).headers["content-length"]).toBe("0");
    expect(await ask(node, "GET /pages")).toMatchObject({ status: 308, headers: { location: "/pages/" } });
  });

  it("is sent once to whoever keeps it, and again after a change", async () => {
    const path = join(folder, "app/news.txt");
    writeFileSync(path, "one");
    const tag = String((await ask(node, "GET /pages/app/news.txt")).headers.etag);
    const again = (known: string) => ask(node, "GET /pages/app/news.txt", { headers: { "If-None-Match": known } });
    for (const known of [tag, tag.replace("W/", ""), `"other", ${tag}`, "*"])
      expect(await again(known)).toMatchObject({ status: 304, text: "", headers: { etag: tag, vary: "Origin" } });
    expect(await again('"other"')).toMatchObject({ status: 200, text: "one" });
    writeFileSync(path, "two!");
    expect(await again(tag)).toMatchObject({ status: 200, text: "two!" });
  });

  it("answers HEAD without a body and nothing that changes", async () => {
    expect(await ask(node, "HEAD /pages/")).toMatchObject({ status: 200, headers: { "content-length": String(INDEX.length) } });
    const post = await ask(node, "POST /pages/", { body: {} });
    expect(post).toMatchObject({ status: 405, json: { code: "METHOD_NOT_ALLOWED" }, headers: { allow: "GET, HEAD, OPTIONS" } });
  });

  it("may be read by pages of a configured origin, and its shape is said once", async () => {
    const shared = await ask(node, "GET /pages/app/main.js", { headers: { Origin: "https://console.example.org" } });
    expect(shared.headers).toMatchObject({ "access-control-allow-origin": "https://console.example.org", vary: "Origin" });
    const stranger = await ask(node, "GET /pages/app/main.js", { headers: { Origin: "https://evil.example.org" } });
    expect(stranger.headers).not.toHaveProperty("access-control-allow-origin");
  });

  it("is whole, however large", async () => {
    writeFileSync(join(folder, "large.txt"), "x".repeat(3_000_000));
    expect((await ask(node, "GET /pages/large.txt")).text).toHaveLength(3_000_000);
  });

  it("that becomes shorter while it is sent is cut off and never looks whole", async () => {
    const path = join(folder, "shrinking.txt");
    writeFileSync(path, "x".repeat(12_000_000));
    const outcome = await new Promise<string>((resolve) => {
      const asked = request({ host: "127.0.0.1", port: node.port, path: "/pages/shrinking.txt", agent: false }, (response) => {
        truncateSync(path, 10);
        response.on("error", () => resolve("cut off"));
        response.on("end", () => resolve("whole"));
        response.resume();
      });
      asked.on("error", () => resolve("refused"));
      asked.end();
    });
    expect(outcome).toBe("cut off");
  });
});

describe("what is not served", () => {
  it.each([
    "/pages/app",
    "/pages/nothing.html",
    "/pages/.env.json",
    "/pages/.well-known/x.json",
    "/pages/app/.git/config.txt",
    "/pages/page.php",
    "/pages/identity.key",
    "/pages/noending",
    "/pages/index.html/",
    "/pages//index.html",
    "/pages/app//main.js",
    `/pages/${"x".repeat(300)}.html`,
    `/pages/${"x/".repeat(3000)}`,
  ])("%s is 404", async (path) => {
    expect(await seen(path)).toEqual([404, false]);
  });

  it.each([
    "/pages/../secret.txt",
    "/pages/..%2fsecret.txt",
    "/pages/%2e%2e/secret.txt",
    "/pages/%2e%2e%2fsecret.txt",
    "/pages/app/..\\..\\secret.txt",
    "/pages/app/../../../../../../etc/passwd.txt",
    "/pages/secret.txt%00.html",
    "/pages/./index.html",
    "/pages/index%2ehtml",
  ])("%s leads nowhere", async (path) => {
    expect(await seen(path)).toEqual([404, false]);
  });

  it("is what a link leads to, at the end of the path or within it", async () => {
    symlinkSync(join(outside, "secret.txt"), join(folder, "link.txt"));
    symlinkSync(outside, join(folder, "linked"));
    symlinkSync(join(folder, "app/main.js"), join(folder, "inner.js"));
    for (const name of ["link.txt", "linked/secret.txt", "inner.js"]) expect(await seen(`/pages/${name}`)).toEqual([404, false]);
  });

  it("is a folder, a pipe nobody writes to, or a file that is too large", async () => {
    mkdirSync(join(folder, "folder.html"));
    execFileSync("mkfifo", [join(folder, "pipe.txt")]);
    writeFileSync(join(folder, "huge.txt"), "");
    truncateSync(join(folder, "huge.txt"), LIMITS.fileBytes + 1);
    for (const name of ["folder.html", "pipe.txt", "huge.txt"]) expect(await seen(`/pages/${name}`)).toEqual([404, false]);
  });

  it("is what a folder becomes while a file in it is opened", async () => {
    const [name, other, aside] = ["swapped", "other", "aside"].map((step) => join(folder, step));
    mkdirSync(String(name));
    writeFileSync(join(String(name), "secret.txt"), "a page");
    symlinkSync(outside, String(other));
    const swapping = new Worker(SWAP, { eval: true, workerData: { name, other, aside } });
    const served = new StaticFolder(folder);
    const texts = new Set<string>();
    for (let i = 0; i < 2000; i++) {
      const file = await served.open("swapped/secret.txt").catch(() => undefined);
      texts.add((await file?.handle.readFile("utf8")) ?? "refused");
      await file?.handle.close();
    }
    await swapping.terminate();
    expect(texts).not.toContain(SECRET);
  });

  it("is anything where no folder is configured", async () => {
    const bare = await startTestNode();
    try {
      for (const path of ["/pages", "/pages/", "/pages/index.html"]) expect((await ask(bare, `GET ${path}`)).status).toBe(404);
    } finally {
      await bare.end();
    }
  });
});

describe("the folder", () => {
  it("may be reached by a link, and is then where the link leads", () => {
    const link = join(outside, "pages");
    symlinkSync(folder, link);
    expect(pagesFolder({ dataDir: node.dataDir, pages: link })).toBe(folder);
    expect(pagesFolder({ dataDir: node.dataDir })).toBeUndefined();
  });

  it("stops the start when it is none, or the data folder is in it, or it in the data folder", async () => {
    const inside = join(node.dataDir, "pages");
    mkdirSync(inside);
    linkSync(join(folder, "index.html"), join(inside, "index.html"));
    for (const pages of [node.dataDir, tmpdir(), inside, "/"])
      expect(() => pagesFolder({ dataDir: node.dataDir, pages })).toThrow(/must not be one inside the other/);
    for (const pages of [join(folder, "index.html"), join(folder, "nowhere")])
      expect(() => pagesFolder({ dataDir: node.dataDir, pages })).toThrow(/is not a folder that this account can read/);
    await expect(startTestNode({ env: { CIDER_PAGES: join(folder, "nowhere") } })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
    });
  });
});

describe("files that are being sent", () => {
  const big = "big.js";
  /** Descriptors of this process, which is the node's as well, that stand for the big file. */
  const openFiles = (): number =>
    readdirSync("/proc/self/fd").filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).endsWith(big);
      } catch {
        return false;
      }
    }).length;
  const question = `GET /pages/${big} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;

  /** Asks as often on one connection and reads nothing. */
  async function askAhead(times: number): Promise<Socket> {
    const socket = connect({ host: "127.0.0.1", port: node.port }).pause();
    socket.on("error", () => undefined);
    await once(socket, "connect");
    socket.write(question.repeat(times));
    return socket;
  }

  beforeAll(() => {
    writeFileSync(join(folder, big), "");
    truncateSync(join(folder, big), LIMITS.fileBytes);
  });

  it.runIf(process.platform === "linux")("are few, whoever asks for many and reads none", async () => {
    const sockets = [await askAhead(40), await askAhead(40)];
    await expect.poll(openFiles).toBe(LIMITS.filesPerNetwork);
    expect((await ask(node, `GET /pages/${big}`)).json).toMatchObject({ code: "RATE_LIMITED", retryAfter: 1 });
    expect((await ask(node, "GET /api/health")).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    await expect.poll(openFiles).toBe(0);
    expect((await ask(node, "GET /pages/")).status).toBe(200);
  });

  it("are asked for a few at a time: a connection that asks on and on is ended", async () => {
    const socket = await askAhead(LIMITS.requestsWaiting + 1);
    socket.resume();
    await once(socket, "close");
    await expect.poll(openFiles).toBe(0);
  });
});
