/**
 * Builds `dist/`: the programs and both clients by esbuild, their declarations by tsc, the licences of what is inside.
 *
 * `--bundle` stops after the bundles, which is all that running needs.
 */

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle } from "./bundle.ts";
import { emitDeclarations } from "./declarations.ts";
import { licencesOf } from "./licences.ts";

/** The folder of the project. */
export const ROOT = join(import.meta.dirname, "..");

/** Builds into `dist/`, replacing what is there. Throws with the tool's own words when something does not build. */
export async function build(options: { readonly bundleOnly: boolean }): Promise<void> {
  const dist = join(ROOT, "dist");
  rmSync(dist, { recursive: true, force: true });
  const packages = await bundle(ROOT);
  if (options.bundleOnly) return;
  emitDeclarations(ROOT);
  writeFileSync(join(dist, "THIRD-PARTY-LICENSES"), licencesOf(ROOT, packages));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await build({ bundleOnly: process.argv.includes("--bundle") });
}
