// Pairs of passages that say nearly the same, as the service finds them.
import * as api from "./api.js";
import { differences } from "./differences.js";
import { byID, counted, element, failure, message, milliseconds, number } from "./dom.js";
import { passageBody, passageTitle, placeText } from "./passage.js";
import { documentAddress, note } from "./route.js";
import { askAgain, fillTopics, onStatus } from "./status.js";

const LIMIT = 100;

let pending = null;
let pairs = [];

export function start() {
  const slider = byID("duplicates-threshold");
  slider.addEventListener("input", showThreshold);
  byID("duplicates-form").addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  byID("duplicates-stop").addEventListener("click", () => pending?.abort());
  onStatus((status) => fillTopics(byID("duplicates-topic"), status.topics ?? []));
}

export function show(parameters) {
  const threshold = Number(parameters.get("threshold"));
  if (threshold >= 0.7 && threshold <= 1) byID("duplicates-threshold").value = threshold;
  showThreshold();
  // An address with a threshold is a search that was made: it is made again.
  if (parameters.has("threshold")) {
    const topic = parameters.get("topic") ?? "";
    const select = byID("duplicates-topic");
    if (topic && ![...select.options].some((option) => option.value === topic)) select.append(new Option(topic, topic));
    select.value = topic;
    run();
  }
}

function showThreshold() {
  const value = Number(byID("duplicates-threshold").value).toFixed(2);
  byID("duplicates-output").value = value;
  byID("duplicates-threshold").setAttribute("aria-valuetext", `a cosine of ${value}`);
}

async function run() {
  pending?.abort();
  const own = (pending = new AbortController());
  const threshold = Number(byID("duplicates-threshold").value);
  const topic = byID("duplicates-topic").value;
  note("duplicates", { threshold: threshold.toFixed(2), topic });
  pairs = [];
  byID("duplicates-pairs").replaceChildren();
  const [bar, figures] = [byID("duplicates-progress"), byID("duplicates-figures")];
  bar.removeAttribute("value");
  bar.hidden = byID("duplicates-stop").hidden = false;
  figures.textContent = "Comparing …";
  try {
    let finished = false;
    for await (const { event, data } of api.duplicates({ threshold, limit: LIMIT, topic: topic || undefined }, own.signal)) {
      if (event === "progress") {
        bar.max = data.total || 1;
        bar.value = data.done;
      } else if (event === "pair") {
        insert(data);
      } else if (event === "error") {
        throw new Error(data.message);
      } else if (event === "done") {
        finished = true;
        figures.textContent = `${counted(data.pairs, "pair")} among ${counted(data.compared, "passage")} in ${milliseconds(data.milliseconds)}`
          + (data.pairs >= LIMIT ? ` (the first ${number(LIMIT)})` : "");
        if (data.pairs === 0) byID("duplicates-pairs").append(element("li", {}, message("empty", "No pair", "Nothing is that alike. Try a lower threshold.")));
      }
    }
    if (!finished) throw new Error("The service broke off before the end.");
  } catch (error) {
    if (pending !== own) return; // another search has begun
    if (own.signal.aborted) figures.textContent = `Stopped after ${counted(pairs.length, "pair")}`;
    else {
      figures.textContent = "";
      byID("duplicates-pairs").prepend(element("li", {}, failure("This did not work", error, run)));
      askAgain();
    }
  }
  if (pending !== own) return;
  bar.hidden = byID("duplicates-stop").hidden = true;
}

/** Most alike first, in whatever order they come. */
function insert(pair) {
  const place = pairs.findIndex((each) => each.similarity < pair.similarity);
  const index = place < 0 ? pairs.length : place;
  pairs.splice(index, 0, pair);
  const list = byID("duplicates-pairs");
  list.insertBefore(pairView(pair), list.children[index] ?? null);
}

function pairView({ similarity, a, b }) {
  const [left, right] = differences(passageBody(a), passageBody(b));
  const side = (passage, nodes) => element("article", { class: "pair-side" },
    element("h2", {}, element("a", { href: documentAddress(passage) }, passageTitle(passage))),
    element("p", { class: "source" }, placeText(passage)),
    element("p", { class: "passage" }, nodes));
  return element("li", { class: "pair" },
    element("p", { class: "pair-similarity" }, element("span", { class: "unseen" }, "Similarity "), similarity.toFixed(3)),
    element("div", { class: "pair-sides" }, side(a, left), side(b, right)));
}
