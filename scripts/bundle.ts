/** The bundles. One split build for Node, so that the client commands never load the daemon; one file for browsers. */

import { copyFileSync, cpSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";

/** CommonJS packages inside an ES module call `require` for Node's own modules. */
const REQUIRE =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

/** Kept out of the browser's bundle: it is larger than all the rest, and the client only needs its types. */
const NOT_IN_BROWSERS = ["zod"];

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

/** Writes `dist/cli.js`, `dist/index.js`, `dist/sdk.js` and `dist/docs`; returns the names of the packages that went in, sorted. */
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
  const browser = await esbuild.build({
    ...SHARED,
    absWorkingDir: root,
    entryPoints: { sdk: "src/sdk/index.ts" },
    platform: "browser",
    target: "es2022",
    outdir: join(root, "dist"),
  });
  const inBrowsers = packagesIn(browser.metafile);
  const stray = NOT_IN_BROWSERS.filter((name) => inBrowsers.includes(name));
  if (stray.length > 0) throw new Error(`dist/sdk.js contains ${stray.join(", ")}; import only types from the catalogue`);
  copyPage(root);
  return [...new Set([...packagesIn(node.metafile), ...inBrowsers, PAGE.package])].sort();
}

function copyPage(root: string): void {
  const folder = join(root, "dist/docs");
  cpSync(join(root, "pages/docs"), folder, { recursive: true });
  for (const file of PAGE.files) copyFileSync(join(root, "node_modules", PAGE.package, file), join(folder, file));
}

/** Returns the packages of which at least one byte was written. */
function packagesIn({ outputs }: esbuild.Metafile): readonly string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const names = inputs.flatMap(([path, { bytesInOutput }]) => {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
    return name === undefined || bytesInOutput === 0 ? [] : [name];
  });
  return [...new Set(names)];
}
