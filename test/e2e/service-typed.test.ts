/** `cider fleet service …` as an account types it, with a systemctl that starts what the unit says and nothing more. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseObject } from "../../src/wire/parse.ts";
import { othersMayEnter } from "../support/reach.ts";

const PROGRAM = join(import.meta.dirname, "../../bin/cider.cjs");

/** An account has services of its own, root has none: the tests' own account, or another one where they run as root. */
const ACCOUNT = process.getuid?.() === 0 ? { uid: 1, gid: 1 } : {};

/** That other account must be able to run this clone. */
const CAN_BE_RUN = process.getuid?.() !== 0 || othersMayEnter(import.meta.dirname);

/** Starts and ends the words of ExecStart; without quoting, because no path of this test needs any. */
const SYSTEMCTL = `#!/bin/sh
unit=$HOME/.config/systemd/user/cider-fleet.service
echo "$*" >> "$HOME/diary"
case "$*" in
  *" start "*) words=$(sed -n 's/^ExecStart=//p' "$unit"); CIDER_DISCOVERY=off setsid $words > /dev/null 2> "$HOME/journal" & echo $! > "$HOME/pid" ;;
  *" stop "*|*" disable "*) kill "$(cat "$HOME/pid")"; while kill -0 "$(cat "$HOME/pid")" 2> /dev/null; do sleep 0.05; done ;;
  *" show cider-fleet.service "*) printf 'LoadState=loaded\\nActiveState=active\\nMainPID=%s\\nResult=success\\n' "$(cat "$HOME/pid")" ;;
esac
exit 0
`;
const LOGINCTL = "#!/bin/sh\necho Linger=no\n";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

class Home {
  readonly folder = mkdtempSync(join(tmpdir(), "cider-typed-"));

  constructor(port: number) {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
    this.write("tools/systemctl", SYSTEMCTL, 0o755);
    this.write("tools/loginctl", LOGINCTL, 0o755);
    this.write(".config/cider-fleet/cider-fleet.toml", `listen = ["127.0.0.1"]\nport = ${port}\n`, 0o644);
    for (const name of ["", ...readdirSync(this.folder, { recursive: true, encoding: "utf8" })]) {
      if (ACCOUNT.uid !== undefined) chownSync(join(this.folder, name), ACCOUNT.uid, ACCOUNT.gid);
    }
  }

  write(name: string, text: string, mode: number): void {
    mkdirSync(join(this.folder, name, ".."), { recursive: true });
    writeFileSync(join(this.folder, name), text, { mode });
  }

  async cider(...words: readonly string[]): Promise<{ code: unknown; out: string; err: string }> {
    const env = { HOME: this.folder, PATH: `${join(this.folder, "tools")}:/usr/bin:/bin`, NO_COLOR: "1", CIDER_DISCOVERY: "off" };
    const child = spawn(process.execPath, [PROGRAM, "fleet", ...words], { env, ...ACCOUNT, cwd: "/" });
    const said = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said.out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said.err += text;
    });
    const [code] = (await once(child, "close")) as unknown[];
    return { code, ...said };
  }
}

test.runIf(CAN_BE_RUN)(
  "an account installs its service, looks after it, and removes it; the node goes on being the same",
  async () => {
    const port = await freePort();
    const home = new Home(port);
    const installed = await home.cider("service", "install", "--user");
    onTestFinished(async () => {
      await home.cider("service", "stop");
    });
    expect({ code: installed.code, err: installed.err }).toMatchObject({ code: 0 });
    expect(installed.out).toMatch(new RegExp(`network +127\\.0\\.0\\.1 port ${port}: answers`));
    expect(installed.out).toMatch(/socket +\S+node\.sock: answers/);
    expect(installed.err).toMatch(/the node ends when you log out\n.*loginctl enable-linger /);
    const nodeId = /node id +(\S+)/.exec(installed.out)?.[1];

    const status = parseObject(JSON.parse((await home.cider("service", "status", "--json")).out), "status");
    expect(status).toMatchObject({ scope: "user", state: "running", nodeId, drift: [], reached: ["127.0.0.1"] });
    const restarted = await home.cider("service", "stop").then(() => home.cider("service", "start"));
    expect(restarted.err).toContain(`the service answers: `);
    expect(restarted.err).toContain(nodeId);
    expect((await home.cider("service", "logs", "--dry-run", "--follow")).out).toContain(
      "journalctl --user-unit=cider-fleet.service",
    );
    expect((await home.cider("service", "restart", "--dry-run")).out).toContain("systemctl --user restart cider-fleet.service");

    await home.cider("service", "stop");
    const stopped = await home.cider("service", "status");
    expect({ code: stopped.code, answers: /answers +no/.test(stopped.out) }).toEqual({ code: 3, answers: true });

    const again = parseObject(JSON.parse((await home.cider("service", "install", "--user", "--json")).out), "answer");
    expect(again).toMatchObject({ nodeId, identity: "taken over" });
    expect((await home.cider("service", "uninstall")).err).toContain("the node's data stay in ");
    expect((await home.cider("service", "status")).code).toBe(5);
  },
);
