/** Keeps a host with a trusted node from getting a second one by accident, as when a node that became a service is started by hand. */

import type { ResolvedConfig } from "../config/load.ts";
import { findAccount, invokingAccount } from "../host/accounts.ts";
import { defaultDataFolder, systemDataFolder } from "../host/data-folder.ts";
import { lookForNode } from "../host/existing-node.ts";
import { requireOnlyIdentity } from "../host/service/adoption.ts";
import type { SystemTools } from "../host/service/manager.ts";
import type { Account } from "./socket.ts";

/**
 * Rejects with NODE_EXISTS, naming both folders, when starting would make a second identity beside a node with peers.
 * Whoever names the folder means it.
 */
export async function requireOnlyNode({ config, origins }: ResolvedConfig, account: Account, tools: SystemTools): Promise<void> {
  if (origins.get("dataDir") !== "default") return;
  const mine = lookForNode(config.dataDir);
  if (mine.state !== "none") return;
  const { platform } = account;
  const caller = invokingAccount(account.env, account.uid);
  const person = caller === undefined ? undefined : await findAccount(caller, platform, tools);
  const theirs = person === undefined ? [] : [defaultDataFolder({}, platform, person.uid, person.home)];
  requireOnlyIdentity(mine, [systemDataFolder(platform), ...theirs].map(lookForNode));
}
