/**
 * Whether two packages from npm take the signatures of requests: for tests in other languages. Reads a JSON array of
 * `{method, url, headers, publicKey}` from stdin and prints, for each, what the two say.
 */

import { text } from "node:stream/consumers";
import { verifySignature as verifyBySig } from "http-message-sig";
import { httpbis } from "http-message-signatures";
import { parsePublicKey } from "../../src/crypto/p256.ts";
import { verifyingKey, verifySignature } from "../../src/crypto/signing.node.ts";
import { fromHex } from "../../src/foundation/bytes.ts";

interface Signed {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** 130 hex characters. */
  readonly publicKey: string;
}

const ALGORITHM = "ecdsa-p256-sha256";
const COVER = ["@method", "@authority", "@path", "@query", "cider-node"];
const PARAMETERS = ["created", "expires", "nonce", "keyid", "tag"];

function verifier({ publicKey }: Signed): (data: Uint8Array, signature: Uint8Array) => Promise<boolean> {
  const key = verifyingKey(parsePublicKey(fromHex(publicKey)));
  return (data, signature) => verifySignature(key, data, signature);
}

async function bySignatures(signed: Signed): Promise<boolean> {
  const verify = verifier(signed);
  const keyLookup = ({ keyid }: { keyid?: string }) => Promise.resolve({ id: keyid ?? "", algs: [ALGORITHM], verify });
  const rules = { keyLookup, requiredFields: COVER, requiredParams: PARAMETERS };
  return (await httpbis.verifyMessage(rules, { ...signed, headers: { ...signed.headers } })) === true;
}

async function bySig(signed: Signed): Promise<boolean> {
  const { method, url, headers } = signed;
  const { pathname, search } = new URL(url);
  const fields = Object.entries(headers).map(([name, value]) => ({ name, value }));
  const policy = { algorithms: [ALGORITHM] as const, requiredComponents: COVER, requiredParameters: PARAMETERS };
  const request = { kind: "request", method, targetUri: url, requestTarget: pathname + search, fields } as const;
  try {
    await verifyBySig(request, {
      label: "sig1",
      policy,
      resolveVerifier: () => ({ algorithm: ALGORITHM, verify: verifier(signed) }),
    });
    return true;
  } catch {
    return false;
  }
}

const requests = JSON.parse(await text(process.stdin)) as readonly Signed[];
const verdicts = await Promise.all(requests.map(async (signed) => [await bySignatures(signed), await bySig(signed)]));
process.stdout.write(JSON.stringify(verdicts));
