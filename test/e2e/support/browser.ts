/** Chromium, watched: what a page asks for and what it complains of. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { succeed } from "./processes.ts";

export interface Watched {
  readonly page: Page;
  /** Scheme and authority of everything asked for; `null` for what the page brings along. */
  readonly origins: Set<string>;
  /** Errors and warnings of the console, and what scripts threw. */
  readonly complaints: string[];
}

export interface BrowserPlace {
  /** A certificate authority that the person has told the browser to trust, PEM. */
  readonly trusted?: string;
  /** Words before the program, as `ip netns exec …`. */
  readonly before?: readonly string[];
  /** Further flags of Chromium. */
  readonly flags?: readonly string[];
}

/** Returns a browser that ends with the test. */
export async function browserOfTest({ before = [], flags = [], trusted }: BrowserPlace = {}): Promise<Browser> {
  const home = mkdtempSync(join(tmpdir(), "cider-browser-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  if (trusted !== undefined) await trust(trusted, home);
  const program = join(home, "browser");
  writeFileSync(program, `#!/bin/sh\nexec ${before.join(" ")} /usr/bin/chromium "$@"\n`, { mode: 0o755 });
  // Root may not have Chromium's sandbox, and the pages are our own.
  const args = ["--no-sandbox", ...flags];
  const browser = await chromium.launch({ executablePath: program, args, env: { ...process.env, HOME: home } });
  onTestFinished(() => browser.close());
  return browser;
}

/** Does for Chromium on Linux what `cider fleet cert` says. */
async function trust(pem: string, home: string): Promise<void> {
  const [store, file] = [join(home, ".pki/nssdb"), join(home, "ca.pem")];
  mkdirSync(store, { recursive: true });
  writeFileSync(file, pem);
  await succeed(["certutil", "-d", `sql:${store}`, "-N", "--empty-password"]);
  await succeed(["certutil", "-d", `sql:${store}`, "-A", "-t", "C,,", "-n", "node", "-i", file]);
}

/** Opens an empty page, in a browser of its own, whose requests and complaints are noted, those to other hosts included. */
export async function watchedPage(options: BrowserContextOptions = {}, place: BrowserPlace = {}): Promise<Watched> {
  const browser = await browserOfTest(place);
  const page = await browser.newPage(options);
  const origins = new Set<string>();
  const complaints: string[] = [];
  page.on("request", (request) => void origins.add(new URL(request.url()).origin));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => void complaints.push(error.message));
  return { page, origins, complaints };
}

/** Serves one empty page at every path, and resolves to its origin; it ends with the test. */
export async function originOfTest(): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><title>elsewhere</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
