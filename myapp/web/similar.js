// Passages near the liked ones and away from the disliked ones.
import * as api from "./api.js";
import * as basket from "./basket.js";
import { byID, counted, element, failure, message, milliseconds } from "./dom.js";
import { hitList, passageTitle, placeText } from "./passage.js";
import { address, documentAddress } from "./route.js";
import { askAgain, onRecovery } from "./status.js";

const LIMIT = 12;

/** The gathered passages already read, by id. */
const known = new Map();
let pending = null;
let basketBefore = "";

export function start() {
  byID("similar-clear").addEventListener("click", () => basket.replace({ liked: [], disliked: [] }));
  basket.onChange((next) => {
    if (document.body.dataset.view !== "similar" || JSON.stringify(next) === basketBefore) return;
    location.hash = basket.similarAddress(next); // shown anew by the change of address
  });
  onRecovery(() => byID("similar").hidden || run());
}

/** The address says what is gathered; without it, what was gathered before is. */
export function show(parameters) {
  const list = (name) => (parameters.get(name) ?? "").split(",").filter(Boolean);
  const wanted = { liked: list("like"), disliked: list("dislike") };
  if (wanted.liked.length + wanted.disliked.length > 0) {
    basketBefore = JSON.stringify(wanted);
    basket.replace(wanted);
  } else if (basket.contents().liked.length + basket.contents().disliked.length > 0) {
    history.replaceState(history.state, "", basket.similarAddress());
  }
  return run();
}

async function run() {
  pending?.abort();
  const own = (pending = new AbortController());
  const { liked, disliked } = basket.contents();
  byID("similar-clear").hidden = liked.length + disliked.length === 0;
  showGathered();
  if (liked.length === 0) {
    byID("similar-figures").textContent = "";
    byID("similar-results").replaceChildren(message("empty", disliked.length ? "Nothing liked yet" : "Nothing gathered yet",
      "Search for something, then choose “More like this”, or gather with + and −.",
      element("a", { class: "button", href: address("search", { q: "flying without making a sound" }) }, "Search for something")));
    return;
  }
  byID("similar-results").setAttribute("aria-busy", "true");
  const started = performance.now();
  try {
    const [found] = await Promise.all([
      api.recommend({ liked, disliked, limit: LIMIT }, own.signal),
      ...[...liked, ...disliked].filter((id) => !known.has(id)).map((id) => read(id, own.signal)),
    ]);
    showGathered();
    byID("similar-figures").textContent = `${counted(found.hits.length, "passage")} in ${milliseconds(performance.now() - started)}`;
    byID("similar-results").replaceChildren(found.hits.length
      ? hitList(found.hits, { list: "dense", label: "Similar passages" })
      : message("empty", "Nothing near", "No passage comes near these."));
  } catch (error) {
    if (own.signal.aborted) return;
    byID("similar-results").replaceChildren(failure("This did not work", error, run));
    askAgain();
  }
  byID("similar-results").removeAttribute("aria-busy");
}

async function read(id, signal) {
  try {
    known.set(id, (await api.passage(id, signal)).passage);
  } catch (error) {
    if (error.status !== 404) throw error;
    known.set(id, null);
  }
}

function showGathered() {
  for (const name of ["liked", "disliked"]) {
    const items = basket.contents()[name].map((id) => {
      const passage = known.get(id);
      return element("li", {},
        passage
          ? element("a", { href: documentAddress(passage) }, element("b", {}, passageTitle(passage)), element("small", {}, placeText(passage)))
          : element("span", { class: "muted" }, passage === null ? "no longer there" : "…"),
        element("button", {
          type: "button", class: "quiet round", "aria-label": `Put back ${passage ? passageTitle(passage) : id}`, onclick: () => basket.toggle(id, name),
        }, "×"));
    });
    byID(name).replaceChildren(...(items.length ? items : [element("li", { class: "muted" }, "none")]));
  }
}
