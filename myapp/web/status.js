// What the service says of itself: the banner, the footer, and word to the views when it comes back.
import * as api from "./api.js";
import { byID, counted, number } from "./dom.js";

const SOON = 1_000;
const LATER = 15_000;

/** The last answer of /api/status, null before the first. */
export let current = null;

const listeners = new Set();
const recoveryListeners = new Set();
let wasAway = false;
let timer = null;
let asking = false;

/** Calls `listener` with every status, at once when there is one. */
export function onStatus(listener) {
  listeners.add(listener);
  if (current) listener(current);
}

/** Calls `listener` when the service or its database answers again after not doing so. */
export const onRecovery = (listener) => recoveryListeners.add(listener);

/** Asks now instead of at the next turn: after a change, or when a request has failed. */
export function askAgain() {
  clearTimeout(timer);
  ask();
}

export function start() {
  addEventListener("online", askAgain);
  document.addEventListener("visibilitychange", () => document.hidden || askAgain());
  ask();
}

async function ask() {
  if (asking) return;
  asking = true;
  let away = false;
  try {
    const said = await api.status(AbortSignal.timeout(10_000));
    away = !said.reachable;
    // While the database is away, nothing is known of what it holds but what it held.
    current = away && current ? { ...said, documents: current.documents, passages: current.passages, topics: current.topics } : said;
    showBanner(current);
    showColophon(current);
    for (const listener of listeners) listener(current);
  } catch {
    away = true;
    banner("The service does not answer. Trying again …", "trouble");
  }
  asking = false;
  if (wasAway && !away) for (const listener of recoveryListeners) listener();
  wasAway = away;
  clearTimeout(timer);
  timer = setTimeout(ask, away || !current?.ready || current.seeding?.running ? SOON : LATER);
}

function showBanner(status) {
  const seeding = status.seeding;
  if (!status.reachable) {
    banner("The database is away. Trying again …", "trouble");
  } else if (seeding?.running) {
    const part = seeding.total > 0 ? `: ${number(seeding.done)} of ${counted(seeding.total, "document")}` : "";
    banner(`Reading the almanac into the database${part}. What is in can be searched already.`, "busy", seeding);
  } else if (seeding?.problem) {
    banner(`Reading the almanac stopped: ${seeding.problem}`, "trouble");
  } else if (!status.ready) {
    banner(status.problem ?? "Getting ready …", "busy");
  } else {
    byID("banner").hidden = true;
  }
}

function banner(text, kind, seeding) {
  const bar = byID("banner-progress");
  byID("banner").hidden = false;
  byID("banner").className = `banner ${kind}`;
  if (byID("banner-text").textContent !== text) byID("banner-text").textContent = text;
  bar.hidden = !(seeding?.total > 0);
  if (!bar.hidden) {
    bar.max = seeding.total;
    bar.value = seeding.done;
  }
}

function showColophon(status) {
  const known = `${counted(status.documents, "document")}, ${counted(status.passages, "passage")}`;
  const empty = status.ready ? "Nothing on the shelf yet" : "The shelf cannot be seen now";
  byID("colophon").textContent = status.documents > 0 ? known : empty;
  const parts = [
    `Collection ${status.collection} in Chroma`,
    status.place?.kind === "server" ? `at ${status.place.address}` : "in this process",
    status.model ? `· embeddings ${status.model.name}, ${status.model.dimension} numbers a passage` : "",
    status.chat ? `· answers by ${status.chat.model}` : "· answers quoted from the passages",
  ];
  byID("footer-figures").textContent = parts.filter(Boolean).join(" ");
}

/** Fills a `<select>` with the topics, keeping what was chosen. */
export function fillTopics(select, topics) {
  const chosen = select.value;
  const wanted = ["", ...topics.map((topic) => topic.name)];
  if ([...select.options].map((option) => option.value).join("\n") === wanted.join("\n")) return;
  select.replaceChildren(...wanted.map((name) => new Option(name === "" ? "all" : name, name)));
  select.value = wanted.includes(chosen) ? chosen : "";
}
