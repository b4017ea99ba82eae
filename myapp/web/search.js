// Searching as one types. What is asked stands in the hash, so that a reload or a shared address shows the same.
import * as api from "./api.js";
import { byID, counted, element, failure, message, milliseconds, number } from "./dom.js";
import { hitList } from "./passage.js";
import { address, note, readRoute } from "./route.js";
import { askAgain, current, onRecovery, onStatus } from "./status.js";

const DEBOUNCE = 80;
const STEP = 10;
const MOST = 100;
const USUAL_MODE = "fused";
const EXAMPLES = [
  "flying without making a sound", "dancing to show the way to flowers", "waking up in the middle of the night",
  "deleted photos on an SSD", "joining wood without nails", "keeping secrets in messages",
];
const COLUMNS = {
  dense: ["Meaning", "Nearest by what is meant, whatever the words"],
  keyword: ["Words", "The same words, rarer ones counting more"],
  fused: ["Both", "The two rankings made into one"],
};

let state = { q: "", mode: USUAL_MODE, topic: "", source: "", kind: "", limit: STEP };
let pending = null;
let debounce = null;
let input, results, figures;

export function start() {
  [input, results, figures] = [byID("search-input"), byID("search-results"), byID("search-figures")];
  input.addEventListener("input", () => {
    state = { ...state, q: input.value, limit: STEP };
    clearTimeout(debounce);
    debounce = setTimeout(run, DEBOUNCE);
  });
  byID("search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(debounce);
    run();
  });
  byID("search-mode").addEventListener("change", (event) => change({ mode: event.target.value }));
  onStatus(showTopics);
  onRecovery(() => byID("search").hidden || run());
}

export function show(parameters) {
  const mode = parameters.get("mode");
  state = {
    q: parameters.get("q") ?? "",
    mode: mode === "compare" || mode in COLUMNS ? mode : USUAL_MODE,
    topic: parameters.get("topic") ?? "",
    source: parameters.get("source") ?? "",
    kind: parameters.get("kind") ?? "",
    limit: Math.min(MOST, Math.max(1, Number(parameters.get("limit")) || STEP)),
  };
  input.value = state.q;
  for (const radio of byID("search-mode").querySelectorAll("input")) radio.checked = radio.value === state.mode;
  if (current) showTopics(current);
  return run();
}

function change(part) {
  state = { ...state, ...part, limit: STEP };
  if (current) showTopics(current);
  return run();
}

async function run() {
  pending?.abort();
  const own = (pending = new AbortController());
  if (readRoute().view === "search") {
    note("search", { ...state, q: state.q.trim(), mode: state.mode === USUAL_MODE ? "" : state.mode, limit: state.limit === STEP ? "" : state.limit });
  }
  const { limit, ...asked } = state;
  if (asked.q.trim() === "") return showEmpty();
  results.setAttribute("aria-busy", "true");
  const started = performance.now();
  try {
    const answer = await api.search({ ...asked, q: asked.q.trim(), limit }, own.signal);
    showAnswer(answer, asked.mode, limit, performance.now() - started);
  } catch (error) {
    if (own.signal.aborted) return;
    showError(error);
  }
  results.removeAttribute("aria-busy");
}

function showEmpty() {
  results.removeAttribute("aria-busy");
  figures.textContent = "";
  results.replaceChildren(element("div", { class: "welcome" },
    element("p", { class: "welcome-title" }, "Ask for an idea; the words need not match."),
    element("ul", { class: "examples" }, EXAMPLES.map((example) =>
      element("li", {}, element("a", { class: "example", href: address("search", { q: example }) }, example))))));
}

function showAnswer(answer, mode, limit, roundTrip) {
  const shown = Object.keys(COLUMNS).filter((list) => answer.results[list]);
  const count = new Set(shown.flatMap((list) => answer.results[list].map((hit) => hit.id))).size;
  const { embedding, search, total } = answer.milliseconds;
  figures.replaceChildren(
    element("b", {}, count === 0 ? "No passage" : counted(count, "passage")), ` in ${milliseconds(total)}`,
    element("span", { class: "muted" }, ` · question to vector ${milliseconds(embedding)}, database ${milliseconds(search)}, there and back ${milliseconds(roundTrip)}`));
  if (count === 0) {
    results.replaceChildren(message("empty", "Nothing found", mode === "keyword"
      ? "No passage holds these words. Meaning finds passages that say it differently."
      : "Try other words, or another topic."));
    return;
  }
  if (mode === "compare") results.replaceChildren(columns(answer.results, shown));
  else results.replaceChildren(element("h2", { class: "unseen" }, "Passages found"), hitList(answer.results[shown[0]], { list: shown[0], label: "Passages found" }));
  const full = shown.some((list) => answer.results[list].length === limit);
  if (full && limit < MOST) {
    results.append(element("p", { class: "more" }, element("button", {
      type: "button", onclick: () => { state = { ...state, limit: Math.min(MOST, limit + STEP) }; run(); },
    }, "Show more")));
  }
  if (mode !== "compare") {
    results.append(element("p", { class: "more muted" }, "A question? ", element("a", { href: address("ask", { q: answer.query }) }, "Have it answered from the passages")));
  }
}

/** The three rankings, each hit saying where the others have it. */
function columns(lists, shown) {
  const rankIn = (list, id) => lists[list].findIndex((hit) => hit.id === id) + 1;
  const elsewhere = (own) => (hit) => shown.filter((list) => list !== own).map((list) => {
    const rank = rankIn(list, hit.id);
    return rank ? `${COLUMNS[list][0]} ${rank}` : "";
  }).filter(Boolean).join(", ") || "only here";
  const made = element("div", { class: "columns" }, shown.map((list) =>
    element("section", { class: "column", "aria-label": COLUMNS[list][0] },
      element("div", { class: "column-head" }, element("h2", {}, COLUMNS[list][0]), element("p", { class: "muted" }, COLUMNS[list][1])),
      lists[list].length
        ? hitList(lists[list], { list, label: `Passages by ${COLUMNS[list][0].toLowerCase()}`, note: elsewhere(list) })
        : message("empty", "None", list === "keyword" ? "No passage holds these words." : ""))));
  const point = (event) => {
    const id = event.target.closest?.("[data-hit]")?.dataset.hit;
    for (const hit of made.querySelectorAll("[data-hit]")) hit.classList.toggle("same", id !== undefined && hit.dataset.hit === id);
  };
  made.addEventListener("pointerover", point);
  made.addEventListener("focusin", point);
  made.addEventListener("pointerleave", point);
  return made;
}

function showError(error) {
  figures.textContent = "";
  results.replaceChildren(failure("The search did not work", error, run));
  askAgain();
}

function showTopics(status) {
  const chips = byID("search-topics");
  // Only when something is new: a chip must not be replaced under the finger that presses it.
  const wanted = JSON.stringify([status.topics, state.topic, state.source, state.kind]);
  if (chips.dataset.shown === wanted) return;
  chips.dataset.shown = wanted;
  const focused = document.activeElement?.closest?.("#search-topics button")?.dataset.topic;
  const chip = (name, text, count) => element("button", {
    type: "button", class: "chip", "aria-pressed": String(state.topic === name), dataset: { topic: name },
    onclick: () => change({ topic: state.topic === name ? "" : name }),
  }, text, count === null ? null : element("span", { class: "chip-count" }, number(count)));
  const topics = status.topics ?? [];
  const narrowed = [["source", state.source], ["kind", state.kind]].filter(([, value]) => value !== "");
  chips.replaceChildren(
    ...narrowed.map(([name, value]) => element("button", {
      type: "button", class: "chip narrowed", "aria-label": `No longer only in ${value}`, onclick: () => change({ [name]: "" }),
    }, `only ${value}`, element("span", { "aria-hidden": "true" }, " ×"))),
    ...(topics.length ? [chip("", "All topics", null), ...topics.map((topic) => chip(topic.name, topic.name.replaceAll("-", " "), topic.passages))] : []),
    ...(state.topic && !topics.some((topic) => topic.name === state.topic) ? [chip(state.topic, state.topic, null)] : []));
  if (focused !== undefined) [...chips.querySelectorAll("button")].find((each) => each.dataset.topic === focused)?.focus();
}
