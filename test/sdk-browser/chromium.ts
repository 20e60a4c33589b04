/** Programs of `pages/` in Chromium, bundled as the browser SDK is, in pages of an origin that no network knows. */

import { join } from "node:path";
import { build } from "esbuild";
import { chromium, type Page } from "playwright-core";
import { forBrowsers } from "../../scripts/browser-bundle.ts";

/** A secure context, since WebCrypto is given to no other. */
const ORIGIN = "https://page.test";

export interface OpenPage {
  readonly page: Page;
  /** Loads the page anew, and resolves when its program has run again. */
  readonly reload: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opens a page that has run the program; requests of the page go nowhere. */
export async function pageWith(program: string): Promise<OpenPage> {
  const { outputFiles } = await build({
    ...forBrowsers(join(import.meta.dirname, "../..")),
    entryPoints: [join(import.meta.dirname, "pages", program)],
    write: false,
  });
  // Root may not have Chromium's sandbox, and the page is our own.
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const page = await browser.newPage();
  await page.route("**/*", (route) => {
    const { origin, pathname } = new URL(route.request().url());
    if (origin !== ORIGIN) return route.abort();
    if (pathname !== "/program.js") return route.fulfill({ contentType: "text/html", body: PAGE });
    return route.fulfill({ contentType: "text/javascript", body: outputFiles[0]?.text ?? "" });
  });
  const reload = async (): Promise<void> => {
    await page.goto(ORIGIN);
    await page.waitForFunction("globalThis.ready === true");
  };
  await reload();
  return { page, reload, close: () => browser.close() };
}

const PAGE = `<!doctype html><title>test</title>
<script type="module">import "/program.js"; globalThis.ready = true;</script>`;
