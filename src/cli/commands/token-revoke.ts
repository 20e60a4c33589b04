/** `cider fleet token revoke`: one token, or all that fit. */

import type { FleetClient } from "../../sdk-node/index.ts";
import { chooseToken, findPeer } from "../chosen.ts";
import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import { endToken } from "../ended-token.ts";
import type { ExitName } from "../exit-codes.ts";
import { UsageError } from "../failure.ts";
import { counted } from "../words.ts";

export function run(call: Call): Promise<ExitName> {
  const { args, flags } = call;
  const isSweep = flags.on("all") || ["owner", "created-by", "name"].some((name) => flags.text(name) !== undefined);
  if (isSweep === (args[0] !== undefined))
    throw new UsageError(
      `name one token, or say which with --all, --owner, --created-by or --name${isSweep ? ", not both" : ""}`,
      isSweep ? undefined : 'see "cider fleet token list" and "cider fleet token revoke --help"',
    );
  if (!isSweep) return endToken(call, "revoked", (client, id) => client.revokeAPIToken(id));
  return revokeMany(call);
}

function revokeMany(call: Call): Promise<ExitName> {
  const { flags, terminal } = call;
  return withNode<ExitName>(call, async (client) => {
    const receipt = await client.revokeAPITokens(await readSelection(call, client));
    if (flags.on("json")) terminal.out.json(receipt);
    else {
      const connections = counted(receipt.connectionsClosed, "connection");
      terminal.out.line(
        `revoked ${counted(receipt.tokens.length, "token")}; ended ${connections} in ${receipt.milliseconds.toFixed(1)} ms`,
      );
    }
    return "OK";
  });
}

async function readSelection({ flags }: Call, client: FleetClient) {
  const owner = flags.text("owner");
  const creator = flags.text("created-by");
  const name = flags.text("name");
  const kept = flags.list("except");
  const tokens = kept === undefined ? [] : await client.listAPITokens();
  return {
    ...(flags.on("all") && { all: true }),
    ...(owner !== undefined && { owner: owner === "fleet" ? owner : `node:${(await findPeer(client, owner)).id}` }),
    ...(creator !== undefined && { createdBy: creator === "local" ? creator : `peer:${(await findPeer(client, creator)).id}` }),
    ...(name !== undefined && { name }),
    ...(kept !== undefined && { except: kept.map((typed) => chooseToken(tokens, typed).id) }),
  };
}
