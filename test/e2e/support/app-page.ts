/** `test/sdk-browser/pages/client.ts` bundled with the installed package, as an app's own bundler does, for a node to serve. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import type { Page } from "playwright-core";
import { inject, onTestFinished } from "vitest";

const PROGRAM = join(import.meta.dirname, "../../sdk-browser/pages/client.ts");

/** What the page offers; its own types are those of browsers. */
export interface Told {
  readonly value?: unknown;
  readonly code?: string;
}

/** Where the sources would be, the package that was installed is. */
const installedSdk: Plugin = {
  name: "installed sdk",
  setup: (bundler) => {
    bundler.onResolve({ filter: /\/sdk-browser\/index\.ts$/ }, () =>
      bundler.resolve("cider-fleet", { kind: "import-statement", resolveDir: inject("installed") }),
    );
  },
};

/** Returns a folder with the page and its scripts; it is removed with the test. */
export async function appFolder(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "cider-pages-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await build({
    entryPoints: [PROGRAM],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    plugins: [installedSdk],
  });
  writeFileSync(join(folder, "index.html"), '<!doctype html><title>app</title><script type="module" src="client.js"></script>');
  return folder;
}

/** Calls what the page offers on `app`, once it has loaded. */
export async function inApp<T = Told>(page: Page, name: string, ...args: readonly unknown[]): Promise<T> {
  await page.waitForFunction("globalThis.app !== undefined");
  const call = { name, args: [...args] };
  return page.evaluate(({ name: asked, args: given }) => {
    const { app } = globalThis as unknown as { app: Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>> };
    return app[asked]?.(...given) as Promise<never>;
  }, call);
}
