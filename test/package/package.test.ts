/** What people get from the registry: packed, unpacked in another folder, and used there. */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { build, transformSync } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
const TYPE_ROOTS = join(ROOT, "node_modules/@types");

let elsewhere: string;
let tarball: string;
let files: readonly string[];

beforeAll(() => {
  elsewhere = mkdtempSync(join(tmpdir(), "cider-fleet-package-"));
  const packed = npm(ROOT, "pack", "--json", "--ignore-scripts", "--pack-destination", elsewhere);
  const [{ filename, files: entries }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
  files = entries.map(({ path }) => path);
  tarball = join(elsewhere, filename);
  writeFileSync(join(elsewhere, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  npm(elsewhere, "install", "--offline", "--no-audit", "--no-fund", tarball);
});

afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

function npm(cwd: string, ...words: readonly string[]): string {
  return execFileSync("npm", words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

/** Compiles one file of a program that uses the package, libraries checked as well; returns what tsc says. */
function compile(name: string, text: string, options: object): string {
  const folder = join(elsewhere, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "program.ts"), text);
  const compilerOptions = { strict: true, noEmit: true, skipLibCheck: false, target: "es2022", types: [], ...options };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.ts"] }));
  return spawnSync(process.execPath, [TSC, "-p", folder], { encoding: "utf8" }).stdout;
}

describe("the package", () => {
  it("heads an uncaught error with its type and code", () => {
    const program = 'import { FleetClient } from "cider-fleet"; new FleetClient({ host: "127.0.0.1" });';
    const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      cwd: elsewhere,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^FleetError: /m) as string });
    expect(stderr).toContain("code: 'INVALID_OPTIONS'");
  });

  it("brings what it needs and nothing else", () => {
    const top = new Set(files.map((path) => path.split("/")[0]));
    expect([...top].sort()).toEqual(
      ["CHANGELOG.md", "LICENSE", "README.md", "bin", "config", "dist", "launchd", "package.json", "systemd"].sort(),
    );
    const strangers = files.filter(
      (path) =>
        path.startsWith("dist/") &&
        !/\.(js|js\.map|d\.ts)$|THIRD-PARTY-LICENSES$|^dist\/docs\/(?:swagger-ui|index\.html)/.test(path),
    );
    expect(strangers).toEqual([]);
  });

  it("installs nothing beside itself", () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Record<string, unknown>;
    expect(manifest["dependencies"]).toBeUndefined();
    expect(manifest["optionalDependencies"]).toBeUndefined();
    expect(npm(elsewhere, "ls", "--all", "--parseable").trim().split("\n")).toHaveLength(2);
  });

  it("carries the licence of each package that is bundled", () => {
    const licences = readFileSync(join(elsewhere, "node_modules/cider-fleet/dist/THIRD-PARTY-LICENSES"), "utf8");
    for (const name of ["@noble/curves", "swagger-ui-dist", "ws", "zod"])
      expect(licences).toMatch(new RegExp(`^${name} \\d`, "m"));
    expect(licences).not.toMatch(/^(vitest|esbuild|typescript) \d/m);
  });

  it("has nothing publint would say", async () => {
    const pkgDir = join(elsewhere, "node_modules/cider-fleet");
    const { messages, pkg } = await publint({ pkgDir, pack: false, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });
});

/** What is known and meant: it is of ES modules, which Node 20.19 takes by `require` too, and the old resolution knows no subpaths. */
const OF_MODULES_ALONE = ["CJSResolvesToESM . node16-cjs", "CJSResolvesToESM ./sdk node16-cjs", "NoResolution ./sdk node10"];

describe("the types", () => {
  it("are those of what is run, however a compiler looks for them", async () => {
    const result = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
    const problems = "problems" in result ? result.problems : ["no types"];
    const said = problems.map((problem) =>
      typeof problem === "object" && "resolutionKind" in problem
        ? `${problem.kind} ${problem.entrypoint} ${problem.resolutionKind}`
        : JSON.stringify(problem),
    );
    expect(said.toSorted()).toEqual(OF_MODULES_ALONE);
  });
});

describe("a program in another folder", () => {
  const CALLS = `
    const client = new FleetClient({ host: "127.0.0.1", apiToken: "not used here" });
    export const name: Promise<string> = client.getNodeInfo().then((info) => info.name);
  `;

  it("compiles against the root export without zod", () => {
    const text = `import { FleetClient } from "cider-fleet";${CALLS}
      export const paired: Promise<string> = FleetClient.pair("192.168.1.100", "123456", "my-ci-script", 9473).then((creds) => creds.nodeId);`;
    expect(compile("node", text, { module: "nodenext", types: ["node"], typeRoots: [TYPE_ROOTS] })).toBe("");
  });

  it("compiles as CommonJS with the resolution of old projects", () => {
    const text = `import { FleetClient } from "cider-fleet";${CALLS}`;
    const old = { module: "commonjs", moduleResolution: "node10", ignoreDeprecations: "6.0" };
    expect(compile("old", text, { ...old, types: ["node"], typeRoots: [TYPE_ROOTS] })).toBe("");
  });

  it("is refused by the compiler where it passes what an operation does not take", () => {
    const text = 'import { FleetClient } from "cider-fleet";\nexport const wrong = new FleetClient({ host: 9473 });';
    expect(compile("wrong", text, { module: "nodenext", types: ["node"], typeRoots: [TYPE_ROOTS] })).toContain("program.ts(2,");
  });

  const FOLLOWS = (topics: string, read: string, caught: string): string => `
    import { type FleetClient, FleetError, isFleetError } from "cider-fleet";
    export async function follow(client: FleetClient): Promise<number | string | undefined> {
      try {
        for await (const event of client.events(${topics}, { since: 7, onState: (change) => change.state })) { ${read} }
      } catch (error) { ${caught} }
      return undefined;
    }`;
  const NODE = { module: "nodenext", types: ["node"], typeRoots: [TYPE_ROOTS] };

  it("is told by types what an event holds and what an error brings, once topic, type or code were compared", () => {
    const read = `
      if (event.topic === "node.stats") return event.data.cpuUsagePercent;
      if (event.data.type === "token.issued") return event.data.scopes.length;
      return event.seq;`;
    const caught = `
      if (isFleetError(error, "RESUME_GONE")) return error.details.seq;
      if (!(error instanceof FleetError)) throw error;
      switch (error.code) {
        case "RATE_LIMITED": return error.details.retryAfter;
        case "INSUFFICIENT_SCOPE": return error.details.scope;
      }`;
    expect(compile("events", FOLLOWS('["node.stats", "tokens"]', read, caught), NODE)).toBe("");
  });

  it.each([
    ["a topic there is none of", '["weather"]', "return event.seq;", ""],
    ["what events of another topic hold", '["tokens"]', "return event.data.cpuUsagePercent;", ""],
    ["the number of an event that has none", '["node.stats"]', "const seq: number = event.seq; return seq;", ""],
    ["what errors of another code bring", '["tokens"]', "", 'if (isFleetError(error, "TIMEOUT")) return error.details.seq;'],
  ])("is refused %s by the compiler", (what, topics, read, caught) => {
    expect(compile(what.replaceAll(" ", "-"), FOLLOWS(topics, read, caught), NODE)).toMatch(/program\.ts\(\d+,\d+\): error TS/);
  });

  it("compiles for browsers without the types of Node", () => {
    const text = 'import * as sdk from "cider-fleet/sdk";\nexport const error = sdk.FleetError;';
    expect(compile("browser", text, { module: "esnext", moduleResolution: "bundler", lib: ["es2023", "dom"] })).toBe("");
  });

  it("compiles for browsers by the root export, with the same calls, and takes no key that can be read", () => {
    const options = { module: "esnext", moduleResolution: "bundler", customConditions: ["browser"], lib: ["es2023", "dom"] };
    const paired = 'export const id: Promise<string> = FleetClient.pair("10.0.0.7", "123456").then((creds) => creds.nodeId);';
    expect(compile("page", `import { FleetClient } from "cider-fleet";${CALLS}${paired}`, options)).toBe("");
    const text =
      'import { FleetClient } from "cider-fleet";\nexport const it = new FleetClient({ host: "a", nodeId: "b", privateKey: "c" });';
    expect(compile("readable", text, options)).toContain("program.ts(2,");
  });

  it("compiles as docs/browser.md has it", () => {
    const [, text = ""] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, "docs/browser.md"), "utf8")) ?? [];
    expect(text).toContain("FleetClient.pair(");
    const options = { module: "esnext", moduleResolution: "bundler", customConditions: ["browser"], lib: ["es2023", "dom"] };
    expect(compile("docs", text, options)).toBe("");
  });

  it.each(["cider-fleet", "cider-fleet/sdk"])(
    "is bundled for browsers from %s: no Node in it, and pairing apart",
    async (specifier) => {
      const contents = `import { FleetClient } from "${specifier}"; globalThis.client = new FleetClient({ host: "a", apiToken: "b" });`;
      const { metafile, outputFiles } = await build({
        stdin: { contents, resolveDir: elsewhere },
        ...{ bundle: true, format: "esm", platform: "browser", splitting: true, minify: true },
        ...{ metafile: true, write: false, outdir: join(elsewhere, "bundled") },
      });
      const own = join("node_modules", "cider-fleet", "dist", "sdk");
      expect(Object.keys(metafile.inputs).filter((path) => !path.includes(own) && path !== "<stdin>")).toEqual([]);
      for (const { text } of outputFiles) expect(text).not.toMatch(/["']node:|createRequire/);
      const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
      const later = imports.filter(({ kind }) => kind === "dynamic-import").map(({ path }) => metafile.outputs[path]?.bytes ?? 0);
      expect(Math.min(...later)).toBeGreaterThan(20_000);
      expect(later).toHaveLength(1);
    },
  );

  it("loads the same client by import and by require", () => {
    const run = (...words: readonly string[]) => execFileSync(process.execPath, words, { cwd: elsewhere, encoding: "utf8" });
    expect(run("--input-type=module", "-e", 'import { FleetClient } from "cider-fleet"; console.log(typeof FleetClient)')).toBe(
      "function\n",
    );
    expect(run("--input-type=commonjs", "-e", 'console.log(typeof require("cider-fleet").FleetClient)')).toContain("function\n");
  });

  it("does not reach what the package does not export", () => {
    const run = spawnSync(process.execPath, ["--input-type=module", "-e", 'await import("cider-fleet/dist/cli.js")'], {
      cwd: elsewhere,
      encoding: "utf8",
    });
    expect(run.stderr).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });

  it.each(["cider-fleet", "cider"])("has the program %s, which says its version", (program) => {
    const words = program === "cider" ? ["fleet", "version"] : ["version"];
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    expect(execFileSync(join(elsewhere, "node_modules/.bin", program), words, { encoding: "utf8" })).toContain(version);
  });

  it("is told what `cider` expects, with exit code 2", () => {
    const run = spawnSync(join(elsewhere, "node_modules/.bin/cider"), ["up"], { encoding: "utf8" });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain("cider fleet <command>");
  });
});

describe("the launcher", () => {
  /** Runs the launcher as another Node or platform would, by the two values it looks at. */
  function pretend(values: string, ...words: readonly string[]) {
    const launcher = JSON.stringify(join(ROOT, "bin/launch.cjs"));
    const script = `${values}; require(${launcher}).launch(${JSON.stringify(words)})`;
    return spawnSync(process.execPath, ["--input-type=commonjs", "-e", script], { encoding: "utf8" });
  }

  it.each(["12.22.12", "18.20.0", "20.18.3"])("says which Node is needed on Node %s", (version) => {
    const run = pretend(`Object.defineProperty(process, "versions", { value: { node: "${version}" } })`, "version");
    expect(run.stderr).toContain(`this is Node ${version}; cider-fleet needs Node 20.19 or newer`);
    expect(run.status).toBe(1);
    expect(run.stdout).toBe("");
  });

  it("says on Windows that a node does not run there", () => {
    const run = pretend('Object.defineProperty(process, "platform", { value: "win32" })', "up");
    expect(run.stderr).toContain("a node runs on macOS and Linux");
    expect(run.status).toBe(1);
  });

  it.each(["bin/launch.cjs", "bin/cider.cjs", "bin/cider-fleet.cjs"])(
    "%s has no syntax that Node 12 would have to be spared",
    (file) => {
      const text = readFileSync(join(ROOT, file), "utf8");
      const codeFor = (target: string) => transformSync(text, { target }).code;
      expect(codeFor("node12.20")).toBe(codeFor("esnext"));
    },
  );
});
