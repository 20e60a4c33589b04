/**
 * The two commands of the README, from a fresh clone in an empty folder with an empty home. They install from the
 * registry and run all tests again, hence only with README_COMMANDS=1; the CI run is such a clone itself.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { cleanEnvironment } from "./support/daemon.ts";
import { Process, run, succeed } from "./support/processes.ts";

const ROOT = join(import.meta.dirname, "../..");
const README = join(ROOT, "README.md");
const MINUTE = 60_000;

/** Returns the command lines of the README's shell blocks that begin with npm. */
function commands(): readonly string[] {
  const blocks = [...readFileSync(README, "utf8").matchAll(/^```(?:sh|bash|console)\n(.*?)^```/gms)].map(([, text = ""]) => text);
  const lines = blocks
    .flatMap((block) => block.split("\n"))
    .map((line) =>
      line
        .replace(/^\$ /, "")
        .replace(/\s+#.*$/, "")
        .trim(),
    );
  return lines.filter((line) => line.startsWith("npm "));
}

describe.runIf(existsSync(README))("the README", () => {
  test("has a command that runs a node and one that tests it", () => {
    expect(commands()).toEqual([expect.stringMatching(/npm start$/), expect.stringMatching(/npm test$/)]);
  });
});

describe.runIf(process.env["README_COMMANDS"] === "1")("the README's commands in a fresh clone", () => {
  test("run a node and all tests, with nothing installed by hand", { timeout: 30 * MINUTE }, async () => {
    const place = mkdtempSync(join(tmpdir(), "cider-clone-"));
    onTestFinished(() => rmSync(place, { recursive: true, force: true }));
    const clone = join(place, "cider-fleet");
    await succeed(["git", "clone", "--quiet", "--no-hardlinks", ROOT, clone]);
    const [start = "", tests = ""] = commands();
    // Where it listens and keeps its data is said by the environment, so that the command stays as it is written.
    const settings = { CIDER_PORT: "0", CIDER_LISTEN: "127.0.0.1", CIDER_DATA_DIR: join(place, "data") };
    const options = { cwd: clone, env: { ...cleanEnvironment(place), ...settings } };
    const node = new Process(["bash", "-c", start], options);
    const started = (): boolean => node.stderr.includes('"msg":"node started"');
    while (!started() && !node.hasEnded) await new Promise((resolve) => setTimeout(resolve, 200));
    expect(started(), node.stderr).toBe(true);
    const { pid } = JSON.parse(readFileSync(join(place, "data/owner.json"), "utf8")) as { pid: number };
    process.kill(pid, "SIGTERM");
    expect(await node.finish()).toMatchObject({ code: 0 });
    const ended = await run(["bash", "-c", tests], { cwd: clone, env: cleanEnvironment(place), time: 25 * MINUTE });
    expect(ended.code, ended.stdout.slice(-4000) + ended.stderr.slice(-4000)).toBe(0);
  });
});
