// The topic of a text, by the votes of its nearest passages.
import * as api from "./api.js";
import { byID, counted, element, failure, message } from "./dom.js";
import { hitList } from "./passage.js";
import { askAgain } from "./status.js";

const EXAMPLES = {
  "A rehearsal": "The second violins came in late, and the conductor tapped the desk and asked for the slow movement again.",
  "After the storm": "The tomatoes split after the storm, so I mulched the bed and tied up the canes.",
  "A deadlock": "Two users wrote to the same row at once; one transaction had to wait for the other's lock.",
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
    place.replaceChildren(failure("This did not work", error, run));
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
