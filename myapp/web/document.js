// A document's whole text, with one passage highlighted and scrolled to.
import * as api from "./api.js";
import { byID, counted, element, failure, fill, message, outsideLink } from "./dom.js";
import { address, note } from "./route.js";
import { readingNodes } from "./reading.js";
import { askAgain, onRecovery } from "./status.js";

let pending = null;
let shown = null;

export function start() {
  onRecovery(() => !byID("document").hidden && !byID("document").querySelector(".document-text") && shown && show(shown));
}

export async function show(parameters) {
  shown = parameters;
  pending?.abort();
  const own = (pending = new AbortController());
  const panel = byID("document");
  const source = parameters.get("source") ?? "";
  panel.replaceChildren(element("p", { class: "muted", role: "status" }, "Opening …"));
  try {
    const found = await api.wholeDocument(source, own.signal);
    const start = Number(parameters.get("start") ?? NaN);
    const end = Number(parameters.get("end") ?? NaN);
    display(panel, found, Number.isFinite(start) && end > start ? { start, end } : null);
  } catch (error) {
    if (own.signal.aborted) return;
    const missing = error.status === 404;
    panel.replaceChildren(missing
      ? message("error", "No such document", `${source} is not in the library (any more).`, element("a", { class: "button", href: "#/library" }, "To the library"))
      : failure("The document could not be opened", error, () => show(parameters)));
    if (!missing) askAgain();
  }
}

function display(panel, found, range) {
  document.title = `${found.title || found.source} · The Pocket Almanac`;
  const text = element("div", { class: "document-text", id: "document-text" });
  const outline = element("ol", { class: "outline" });
  const steps = element("div", { class: "row steps" });
  const facts = [found.kind, found.topic, counted(found.passages.length, "passage"), added(found.added)].filter(Boolean);
  panel.replaceChildren(
    element("div", { class: "document-head" },
      element("p", {}, element("a", { href: "#/search", class: "button quiet small", id: "document-back", onclick: back }, "← Back")),
      element("h1", {}, found.title || found.source),
      element("p", { class: "path" }, found.source),
      element("p", { class: "muted" }, facts.join(" · ")),
      found.url ? element("p", {}, outsideLink(found.url)) : null,
      element("p", { class: "row wrap" },
        element("a", { class: "button small", href: address("search", { source: found.source }) }, "Search in this document"))),
    element("div", { class: "document-body" },
      element("nav", { class: "document-side", "aria-label": "Passages of the document" }, steps, outline), text));
  const choose = (chosen) => {
    const index = chosen ? found.passages.findIndex((each) => each.start === chosen.start && each.end === chosen.end) : -1;
    showOutline(outline, found.passages, index, go);
    showSteps(steps, found.passages, index, go);
    showText(text, found, chosen); // last: the scrolling wants everything in its place
  };
  const go = (chosen) => {
    note("document", { source: found.source, start: chosen.start, end: chosen.end });
    choose(chosen);
  };
  choose(range);
}

const added = (time) => {
  const date = new Date(typeof time === "number" ? time * 1000 : time);
  return time && !Number.isNaN(date.valueOf()) ? `added ${date.toLocaleDateString("en", { dateStyle: "medium" })}` : "";
};

/** Whoever came from within these pages goes back where they were; whoever opened the address goes to the search. */
function back(event) {
  if (document.body.dataset.steps > 0) {
    event.preventDefault();
    history.back();
  }
}

/** Fills `container` with the text, the range in one `<mark>`, which is scrolled to. */
function showText(container, found, range) {
  fill(container, readingNodes(found, range, { id: "highlight", tabindex: "-1", "aria-label": "The passage" }));
  const mark = container.querySelector("#highlight");
  if (!mark) return scrollTo(0, 0);
  mark.scrollIntoView({ block: "center" });
  mark.focus({ preventScroll: true });
}

function showOutline(outline, passages, chosen, go) {
  outline.replaceChildren(...passages.map((passage, index) => element("li", {},
    element("button", { type: "button", class: "link", "aria-current": index === chosen ? "true" : null, onclick: () => go(passage) },
      (passage.section || `Passage ${index + 1}`).split(" › ").at(-1)))));
  const current = outline.querySelector("[aria-current]");
  if (current) outline.scrollTop = current.offsetTop - outline.offsetTop - outline.clientHeight / 2;
}

function showSteps(steps, passages, chosen, go) {
  const step = (text, index) => element("button", {
    type: "button", class: "small", disabled: !passages[index], onclick: () => go(passages[index]),
  }, text);
  steps.replaceChildren(...(passages.length > 1
    ? [step("↑ Previous", chosen - 1), step("↓ Next", chosen + 1)]
    : []));
}
