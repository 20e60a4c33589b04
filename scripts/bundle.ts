/** The bundles: one for Node, split so that client commands never load the daemon, and one of the browser SDK. */

import { copyFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { bundleForBrowsers } from "./browser-bundle.ts";
import { packagesIn } from "./packages.ts";

/** CommonJS packages inside an ES module call `require` for Node's own modules. */
export const REQUIRE =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

/**
 * What the page at `/docs` (pages/docs) is drawn by, with the licences of what was bundled into it. All of it is copied as
 * it is, for it is data to the node; package.json knows it as `#docs`.
 */
const PAGE = {
  package: "swagger-ui-dist",
  files: ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt"],
} as const;

const SHARED = {
  bundle: true,
  format: "esm",
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  logLevel: "warning",
} as const satisfies esbuild.BuildOptions;

/** Writes `dist/cli.js`, `dist/index.js`, `dist/sdk` and `dist/docs`; returns the names of the packages that went in, sorted. */
export async function bundle(root: string): Promise<readonly string[]> {
  const node = await esbuild.build({
    ...SHARED,
    absWorkingDir: root,
    entryPoints: { cli: "src/cli/main.ts", index: "src/sdk-node/index.ts" },
    platform: "node",
    target: "node20.19",
    splitting: true,
    outdir: join(root, "dist"),
    chunkNames: "chunks/[name]-[hash]",
    banner: { js: REQUIRE },
  });
  const browser = await bundleForBrowsers(root);
  writeFiles(join(root, "dist/sdk"), browser.files);
  copyPage(root);
  return [...new Set([...packagesIn(node.metafile), ...browser.packages, PAGE.package])].sort();
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

function copyPage(root: string): void {
  const folder = join(root, "dist/docs");
  cpSync(join(root, "pages/docs"), folder, { recursive: true });
  for (const file of PAGE.files) copyFileSync(join(root, "node_modules", PAGE.package, file), join(folder, file));
}
