/** Chromium, watched: what a page asks for and what it complains of. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";

export interface Watched {
  readonly page: Page;
  /** Scheme and authority of everything asked for; `null` for what the page brings along. */
  readonly origins: Set<string>;
  /** Errors and warnings of the console, and what scripts threw. */
  readonly complaints: string[];
}

/** Returns a browser that ends with the test. */
export async function browserOfTest(): Promise<Browser> {
  // Root may not have Chromium's sandbox, and the pages are our own.
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  onTestFinished(() => browser.close());
  return browser;
}

/** Opens an empty page, in a browser of its own, whose requests and complaints are noted, those to other hosts included. */
export async function watchedPage(options: BrowserContextOptions = {}): Promise<Watched> {
  const browser = await browserOfTest();
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
