/**
 * A page that a node serves. It pairs by the code that the node shows, keeps its key in this browser, shows the node's
 * figures and what happens there, and says what is the matter when something is.
 *
 *     cider fleet up --pages docs/examples/page     # then open http://127.0.0.1:9473/pages/ there,
 *                                                   # or https://<address>:9473/pages/ where ca.pem is trusted
 */

import { FleetClient, isFleetError } from "/sdk/index.js";

/** Where this page remembers by which id the node knows this browser; the key is the SDK's, in IndexedDB. */
const SELF = "cider-fleet.self";
const EVENTS_SHOWN = 30;
const FIGURES_SHOWN = 60;

const host = location.hostname;
const port = Number(location.port || (location.protocol === "https:" ? 443 : 80));

/** After these the node does not know this browser any more, or never did. */
const ENDED = ["CREDENTIAL_ENDED", "PEER_UNKNOWN", "NO_KEY_FOR_NODE_ID", "NODE_MISMATCH"];

/** What a person can do about it; all else is said in the SDK's own words. */
const ADVICE = {
  PAIRING_WRONG_CODE: "That code is not right, or this is not the node you think. Read it again; five wrong codes end it.",
  PAIRING_CLOSED: "No code is valid at the moment. Run the command on the node, and type the digits it shows.",
  PAIRING_BUSY: "Too many codes were tried. Wait a minute, then show a new one.",
  CREDENTIAL_ENDED: "This browser was removed from the node. Pair it again to go on.",
  PEER_UNKNOWN: "The node does not know this browser any more. Pair it again to go on.",
  NO_KEY_FOR_NODE_ID: "This browser has lost its key, as when site data are cleared. Pair it again to go on.",
  NODE_MISMATCH: "Another node answers at this address than the one that was paired. Pair only if you know why.",
  CONNECTION_FAILED: "The node cannot be reached. Does it run, and is this device on its network?",
};

const cpu = [];

$("pairing").addEventListener("submit", (event) => {
  event.preventDefault();
  pair($("code").value, $("browser").value);
});
$("leave").addEventListener("click", leave);
$("browser").value = navigator.userAgentData?.platform ?? navigator.platform;
// Over TLS a page cannot see whose certificate it got; the person at the node must have said that this will do.
if (location.protocol === "https:") $("command").textContent = "cider fleet pair --allow blind";

const known = localStorage.getItem(SELF);
if (known === null) askForCode();
else watch(known);

/** Pairs, with one try for each code that was typed, and goes on to the node. */
async function pair(code, name) {
  const button = $("pairing").querySelector("button");
  button.disabled = true;
  say();
  try {
    const { nodeId } = await FleetClient.pair(host, code, name, port);
    localStorage.setItem(SELF, nodeId);
    watch(nodeId);
  } catch (error) {
    say(error);
    $("code").select();
  } finally {
    button.disabled = false;
    $("code").value = "";
  }
}

/** Shows the node until it refuses this browser. Losses that pass, as of the network, are the SDK's to outlast. */
async function watch(self) {
  const client = new FleetClient({ host, port, nodeId: self });
  try {
    const [info, stats, me] = await Promise.all([client.getNodeInfo(), client.getNodeStats(), client.getSelf()]);
    showNode(info, me);
    showFigures(stats);
    const topics = ["node", "node.stats", ...(me.scopes.includes("audit:read") ? ["audit"] : [])];
    for await (const event of client.events(topics, { interval: 2, onState: showState })) show(event);
  } catch (error) {
    showState({ state: "lost" });
    say(error);
    if (ENDED.includes(error.code)) forget();
  } finally {
    client.close();
  }
}

/** Ends the trust on both sides, where this browser may; else here, and says what is left to do. */
async function leave() {
  const self = localStorage.getItem(SELF);
  const client = new FleetClient({ host, port, nodeId: self });
  try {
    await client.removePeer(self);
  } catch (error) {
    if (error.code !== "INSUFFICIENT_SCOPE") return say(error);
    notice(`Forgotten here. An admin ends it on the node: cider fleet peers remove ${self}`);
  } finally {
    client.close();
  }
  forget();
}

function forget() {
  localStorage.removeItem(SELF);
  askForCode();
}

function askForCode() {
  $("node").hidden = true;
  $("pairing").hidden = false;
  state("away", "not paired");
  $("code").focus();
  introduce();
}

/** Names the node before it is paired: its health is public, and no proof of who it is. */
async function introduce() {
  try {
    const answer = await fetch("/api/health");
    rename((await answer.json()).name);
  } catch {
    // Whoever types a code is told what is the matter.
  }
}

function showNode(info, { name }) {
  const typed = !$("pairing").hidden;
  $("pairing").hidden = true;
  $("node").hidden = false;
  rename(info.name);
  // The form had the focus: who came by keyboard goes on at the top, and a screen reader says where.
  if (typed) $("name").focus();
  facts({
    Model: info.machineModel,
    System: info.osVersion,
    Cores: info.cpuCores,
    Version: info.fleetVersion,
    "Node id": info.nodeId,
  });
  $("self").textContent = `The node knows this browser as ${name}.`;
}

function facts(values) {
  const rows = Object.entries(values).map(([name, value]) => {
    const row = element("div");
    row.append(element("dt", name), element("dd", String(value)));
    return row;
  });
  $("facts").replaceChildren(...rows);
}

function show({ at, data, topic }) {
  if (topic === "node.stats") return showFigures(data);
  if (topic === "node" && data.type === "node.renamed") rename(data.name);
  // With the record every change comes that way, with who made it.
  if (topic === "audit") addEvent(at, `${data.operation} by ${data.actor}`);
  else if (data.type === "node.renamed") addEvent(at, `renamed to ${data.name}`);
}

function showFigures({ cpuUsagePercent, diskTotalGB, diskUsedGB, memoryTotalGB, memoryUsedGB }) {
  $("cpu").textContent = cpuUsagePercent.toFixed(0);
  cpu.push(cpuUsagePercent);
  if (cpu.length > FIGURES_SHOWN) cpu.shift();
  drawGraph();
  use("memory", memoryUsedGB, memoryTotalGB);
  use("disk", diskUsedGB, diskTotalGB);
}

function use(name, used, total) {
  $(name).textContent = gigabytes(used);
  $(`${name}-total`).textContent = `of ${gigabytes(total)} GB`;
  // Through the object; the node's policy allows no style in the markup.
  $(`${name}-bar`).style.setProperty("--used", used / total);
}

function drawGraph() {
  const start = FIGURES_SHOWN - cpu.length;
  const line = cpu.map((percent, i) => `${start + i},${100 - percent}`).join(" ");
  $("graph").querySelector("polyline").setAttribute("points", line);
  $("graph").querySelector("polygon").setAttribute("points", `${start},100 ${line} 59,100`);
}

function addEvent(at, words) {
  const time = element("time", new Date(at).toLocaleTimeString());
  time.dateTime = at;
  const row = element("li");
  row.append(time, element("span", words));
  $("events").prepend(row);
  while ($("events").children.length > EVENTS_SHOWN) $("events").lastChild.remove();
  $("quiet").hidden = true;
}

function showState({ state: now, retryIn }) {
  if (now === "open") {
    say();
    state("live", "live");
  } else state("lost", retryIn === undefined ? "ended" : `away, trying again in ${Math.ceil(retryIn / 1000)} s`);
}

function state(kind, words) {
  $("state").dataset.state = kind;
  $("state").textContent = words;
}

function rename(name) {
  $("name").textContent = name;
  document.title = name;
}

/** Says what is the matter, or nothing any more. What is no error of the SDK's is a defect of this page. */
function say(error) {
  if (error === undefined) return notice("");
  if (!isFleetError(error)) {
    notice("This page has a defect; the console says which.");
    throw error;
  }
  notice(ADVICE[error.code] ?? `${error.message}: ${error.remedy}.`);
}

function notice(words) {
  $("notice").textContent = words;
  $("notice").hidden = words === "";
}

function gigabytes(amount) {
  return amount.toFixed(amount < 100 ? 1 : 0);
}

function element(name, text = "") {
  return Object.assign(document.createElement(name), { textContent: text });
}

function $(id) {
  return document.getElementById(id);
}
