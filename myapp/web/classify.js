// The topic of a text, by the votes of its nearest passages.
import * as api from "./api.js";
import { byID, counted, element, message } from "./dom.js";
import { hitList } from "./passage.js";
import { askAgain } from "./status.js";

const EXAMPLES = {
  "A rainy garden": "After a week of rain the beds are full of holes in the leaves, and silvery trails lead under the flower pots.",
  "A night sky": "Shortly after dusk a bright point stood low in the west, steady, while everything higher up twinkled.",
  "A Sunday loaf": "The crust sang as it cooled on the rack; next time a longer second rise, and steam for the first ten minutes.",
};

let pending = null;

export function start() {
  byID("classify-form").addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  byID("classify-input").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
  });
  byID("classify-neighbours").addEventListener("change", () => byID("classify-input").value.trim() && run());
  byID("classify-examples").append(...Object.entries(EXAMPLES).map(([name, text]) => element("button", {
    type: "button", class: "example", onclick: () => { byID("classify-input").value = text; run(); },
  }, name)));
}

export function show() {}

async function run() {
  const text = byID("classify-input").value.trim();
  if (text === "") return byID("classify-input").focus();
  pending?.abort();
  const own = (pending = new AbortController());
  const place = byID("classify-result");
  place.setAttribute("aria-busy", "true");
  try {
    display(place, await api.classify({ text, neighbours: Number(byID("classify-neighbours").value) }, own.signal));
  } catch (error) {
    if (own.signal.aborted) return;
    place.replaceChildren(message("error", "This did not work", error.message, element("button", { type: "button", onclick: run }, "Try again")));
    askAgain();
  }
  place.removeAttribute("aria-busy");
}

function display(place, { label, confidence, votes, neighbours }) {
  if (!label) {
    place.replaceChildren(message("empty", "No topic", "The nearest passages have none to vote with."));
    return;
  }
  const sum = votes.reduce((sum, vote) => sum + vote.weight, 0) || 1;
  place.replaceChildren(
    element("div", { class: "verdict" },
      element("p", { class: "verdict-label" }, label.replaceAll("-", " ")),
      element("p", { class: "muted" }, `${Math.round(confidence * 100)} % of the votes by weight`),
      element("ul", { class: "votes" }, votes.map((vote) => {
        const share = Math.round((vote.weight / sum) * 100);
        return element("li", {},
          element("span", { class: "vote-name" }, vote.label.replaceAll("-", " ")),
          element("span", { class: "vote-track", "aria-hidden": "true" }, element("span", { class: "vote-fill", style: { width: `${share}%` } })),
          element("span", { class: "vote-text" }, `${share} %, ${counted(vote.count, "neighbour")}`));
      }))),
    element("h2", {}, "Nearest passages"),
    hitList(neighbours, { list: "dense", label: "Nearest passages" }));
}
