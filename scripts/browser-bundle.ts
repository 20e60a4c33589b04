/**
 * The browser SDK: `dist/sdk/index.js`, and beside it what is loaded when somebody pairs. A page loads every byte of it, so
 * its size is bound, and texts that no page shows are left out (`browser-texts.ts`).
 */

import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { minify } from "terser";
import { withoutThrownTexts, withSmallErrorTable } from "./browser-texts.ts";
import { packagesIn } from "./packages.ts";

/** Bytes of all its files, each gzipped, at most. */
export const MOST_BYTES = 28_000;

/** Kept out: it is larger than all the rest, and the client only needs its types. */
const NOT_IN_BROWSERS = ["zod"];

const FOR_BROWSERS = {
  bundle: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  minify: true,
  metafile: true,
  // The notices stand in THIRD-PARTY-LICENSES.
  legalComments: "none",
  logLevel: "warning",
} as const satisfies esbuild.BuildOptions;

/** Returns how a program for browsers is bundled from the sources. Tests bundle their own pages the same way. */
export function forBrowsers(root: string) {
  return { ...FOR_BROWSERS, absWorkingDir: root, plugins: [withSmallErrorTable(root), withoutThrownTexts] };
}

export interface BrowserBundle {
  /** What belongs below `dist/sdk`, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Bytes of each file, gzipped. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Packages of which at least one byte is in them. */
  readonly packages: readonly string[];
}

/** Bundles the browser SDK. Throws when it is too large, or holds what belongs in no page. */
export async function bundleForBrowsers(root: string): Promise<BrowserBundle> {
  const { metafile, ...parts } = await split(root);
  const packages = packagesIn(metafile);
  const stray = NOT_IN_BROWSERS.filter((name) => packages.includes(name));
  if (stray.length > 0) throw new Error(`the browser SDK contains ${stray.join(", ")}; import only types from the catalogue`);
  const files: Record<string, string> = {};
  for (const [name, text] of Object.entries(await joined(parts))) files[name] = await minified(text);
  const sizes = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, gzipSync(text, { level: 9 }).length]));
  requireSmall(sizes);
  return { files, sizes, packages };
}

interface Parts {
  /** What the package exports. */
  readonly index: string;
  /** What pairing alone needs. */
  readonly pair: string;
  /** What both need. */
  readonly chunk: string;
  /** Names of what `index` exports. */
  readonly names: readonly string[];
}

async function split(root: string): Promise<Parts & { readonly metafile: esbuild.Metafile }> {
  const { metafile, outputFiles } = await esbuild.build({
    ...forBrowsers(root),
    entryPoints: { index: "src/sdk-browser/index.ts" },
    splitting: true,
    write: false,
    outdir: "sdk",
    chunkNames: "[name]",
  });
  const [index, pair, chunk] = ["index.js", "pair.js", "chunk.js"].map(
    (name) => outputFiles.find(({ path }) => basename(path) === name)?.text,
  );
  if (index === undefined || pair === undefined || chunk === undefined || outputFiles.length !== 3)
    throw new Error(`the browser SDK fell into other parts: ${outputFiles.map(({ path }) => basename(path)).join(", ")}`);
  return { index, pair, chunk, names: metafile.outputs["sdk/index.js"]?.exports ?? [], metafile };
}

/**
 * Returns the files as they are shipped, by name. What both parts need is in one file with the rest that is always loaded:
 * alone it compresses worse, by a thirtieth of the whole.
 */
async function joined({ index, pair, chunk, names }: Parts): Promise<Readonly<Record<string, string>>> {
  const texts: ReadonlyMap<string, string> = new Map([
    ["./index.js", index],
    ["./chunk.js", chunk],
  ]);
  const { outputFiles } = await esbuild.build({
    ...FOR_BROWSERS,
    stdin: { contents: [...texts.keys()].map((path) => `export * from "${path}";`).join("") },
    external: ["./pair.js"],
    write: false,
    plugins: [inMemory(texts)],
  });
  const [core] = outputFiles;
  if (core === undefined) throw new Error("esbuild returned nothing");
  return {
    "index.js": `export{${names.join(",")}}from"./core.js"`,
    "core.js": core.text,
    "pair.js": pair.replace('"./chunk.js"', '"./core.js"'),
  };
}

function inMemory(texts: ReadonlyMap<string, string>): esbuild.Plugin {
  const filter = /^\.\/(?:index|chunk)\.js$/;
  return {
    name: "in memory",
    setup: (build) => {
      build.onResolve({ filter }, ({ path }) => ({ path, namespace: "memory" }));
      build.onLoad({ filter, namespace: "memory" }, ({ path }) => ({ contents: texts.get(path) ?? "", loader: "js" }));
    },
  };
}

/** Throws when the files are larger than a page should have to load. */
export function requireSmall(sizes: BrowserBundle["sizes"]): void {
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  if (total <= MOST_BYTES) return;
  const files = Object.entries(sizes).map(([name, size]) => `${name} ${size}`);
  throw new Error(`the browser SDK has ${total} bytes gzipped (${files.join(", ")}), ${MOST_BYTES} are the most`);
}

/** Terser, since it leaves a twentieth less than esbuild does. */
async function minified(text: string): Promise<string> {
  const { code } = await minify(text, { module: true, ecma: 2020, compress: { passes: 3, ecma: 2020, keep_fargs: false } });
  if (code === undefined) throw new Error("terser returned nothing");
  return code;
}
