/** `cider fleet cert`: the node's certificate authority, and what each kind of program needs to trust it. */

import { X509Certificate } from "node:crypto";
import { authorityOf } from "../authority.ts";
import type { Call } from "../command.ts";
import { sameNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";
import { pairs } from "../listing.ts";
import { asTyped, hint, type Terminal } from "../terminal.ts";

/** A heading and the lines to paste below it. */
type Recipe = readonly [heading: string, ...lines: string[]];

export async function run(call: Call): Promise<ExitName> {
  const { flags, terminal } = call;
  const { out } = terminal;
  const { beyondLocal, pem, url } = await authorityOf(call);
  if (flags.on("pem")) {
    if (beyondLocal.length > 0) hint(terminal, `who trusts this file lets the node speak for ${beyondLocal.join(", ")} as well`);
    out.write(pem);
    return "OK";
  }
  const certificate = new X509Certificate(pem);
  const facts = {
    subject: certificate.subject,
    sha256: certificate.fingerprint256,
    notAfter: new Date(certificate.validTo).toISOString(),
    beyondLocal,
  };
  if (flags.on("json")) out.json({ pem, ...facts });
  else show(terminal, facts, recipes(url, sameNode(call)));
  return "OK";
}

interface Facts {
  readonly subject: string;
  readonly sha256: string;
  readonly notAfter: string;
  readonly beyondLocal: readonly string[];
}

function show(terminal: Terminal, facts: Facts, recipes: readonly Recipe[]): void {
  const { out } = terminal;
  out.block(
    pairs(out, [
      ["authority", facts.subject],
      ["SHA-256", facts.sha256],
      ["valid until", facts.notAfter],
      ["speaks for", ["local names", "private addresses", ...facts.beyondLocal].join(", ")],
    ]),
  );
  for (const [heading, ...lines] of recipes) {
    out.line();
    out.line(out.paint("bold", heading));
    for (const line of lines) out.line(`  ${asTyped(terminal, line)}`);
  }
}

/** The file stays right when the node's own certificate is re-issued for new addresses. */
function recipes(url: string, same: string): readonly Recipe[] {
  return [
    ["First, keep it in a file", `cider fleet cert --pem${same} > ca.pem`],
    ["curl", `curl --cacert ca.pem -H "Authorization: Bearer $TOKEN" ${url}/v1/node`],
    [
      "Python requests",
      `requests.get("${url}/v1/node", headers={"Authorization": f"Bearer {token}"}, verify="ca.pem")`,
      "or for a whole program: REQUESTS_CA_BUNDLE=ca.pem python my_script.py",
    ],
    [
      "Node.js",
      "NODE_EXTRA_CA_CERTS=ca.pem node my-script.js",
      "the SDK of this package needs none of this: it knows the node by its id",
    ],
    ["Firefox", "Settings, Privacy & Security, View Certificates, Authorities, Import: ca.pem, trust it for websites"],
    [
      "Safari, Chrome and other programs on macOS (Keychain)",
      "security add-trusted-cert -r trustRoot -p ssl -k ~/Library/Keychains/login.keychain-db ca.pem",
    ],
    [
      "Chrome and other programs on Linux",
      "sudo cp ca.pem /usr/local/share/ca-certificates/cider-fleet.crt && sudo update-ca-certificates",
      "Chrome keeps its own: Settings, Privacy and security, Security, Manage certificates, Authorities, Import",
    ],
  ];
}
