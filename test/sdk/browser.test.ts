import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

/** Kilobytes, gzipped, of all that a browser client is made of, pairing included, in one file; half is the curve. */
const MOST = 38;

describe("the SDK in a browser", () => {
  it("bundles without Node and without the schema library", async () => {
    const { metafile, outputFiles } = await build({
      stdin: {
        contents: 'export * from "./src/sdk/index.ts"; export * from "./src/sdk/options.ts"; export * from "./src/sdk/pair.ts";',
        resolveDir: process.cwd(),
      },
      bundle: true,
      format: "esm",
      platform: "browser",
      minify: true,
      metafile: true,
      write: false,
    });
    const files = Object.keys(metafile.inputs);
    expect(files.filter((file) => /zod|catalogue|\.node\.ts$|sdk-node/.test(file))).toEqual([]);
    expect(files).toContain("src/sdk/client.ts");
    const size = gzipSync(outputFiles[0]?.contents ?? "").length / 1000;
    expect(size).toBeGreaterThan(1);
    expect(size).toBeLessThan(MOST);
  });

  it("would not bundle with a module of Node", async () => {
    const entry = { contents: 'export * from "./src/sdk/chain.node.ts";', resolveDir: process.cwd() };
    const bundling = build({ stdin: entry, bundle: true, platform: "browser", write: false, logLevel: "silent" });
    await expect(bundling).rejects.toThrow(/node:crypto/);
  });
});
