// A passage as a card in a list: where it stands, its words, how near it came, and what can be done with it.
import { element } from "./dom.js";
import * as basket from "./basket.js";
import { address, documentAddress } from "./route.js";
import { marked } from "./text.js";

/** The titles that lead to a passage: its document's, then its sections', the document's own heading not said twice. */
function titles(passage) {
  const document = passage.title || passage.source;
  const sections = (passage.section ?? "").split(" › ").filter(Boolean);
  return [document, ...(sections[0] === document ? sections.slice(1) : sections)];
}

/** What names a passage: its own section, or its document where there is none. */
export const passageTitle = (passage) => titles(passage).at(-1);

/** What stands above the title: the document, and the sections on the way. */
export const passagePath = (passage) => titles(passage).slice(0, -1).join(" › ");

/** The words of a passage without the headings it begins with, for where these stand above them already. */
export function passageBody(passage) {
  let text = passage.text;
  for (const title of titles(passage)) if (text.startsWith(`${title}\n`)) text = text.slice(title.length).trimStart();
  return text;
}

function markedBody(hit) {
  const rest = passageBody(hit);
  const cut = [...hit.text.slice(0, hit.text.length - rest.length)].length;
  return marked(rest, (hit.marks ?? []).filter(([, end]) => end > cut).map(([start, end]) => [Math.max(0, start - cut), end - cut]));
}

/** Where a passage is from: the source, and the page in a PDF. */
export const placeText = (passage) =>
  passage.page === null || passage.page === undefined ? passage.source : `${passage.source}, page ${passage.page}`;

/**
 * The scale of the bars of one list. A cosine is shown as it is; scores of words and of ranks mean something only beside
 * the first of their list.
 */
function nearness(hit, list, first) {
  if (list === "keyword" || (list === "fused" && typeof hit.score === "number")) {
    const share = first > 0 ? hit.score / first : 0;
    const what = list === "keyword" ? "words" : "both ranks";
    return { share, text: hit.score.toFixed(list === "keyword" ? 1 : 3), label: `score by ${what} ${hit.score.toFixed(3)}` };
  }
  const similarity = hit.similarity ?? hit.score ?? 0;
  return { share: similarity, text: similarity.toFixed(2), label: `similarity ${similarity.toFixed(2)}` };
}

function scoreBar(hit, list, first) {
  const { share, text, label } = nearness(hit, list, first);
  const percent = Math.round(Math.max(0.02, Math.min(1, share)) * 100);
  return element("span", { class: "score", title: label },
    element("span", { class: "score-track", "aria-hidden": "true" },
      element("span", { class: "score-fill", style: { width: `${percent}%` } })),
    element("span", { class: "score-text" }, element("span", { class: "unseen" }, `${label.replace(/ [\d.-]+$/, "")} `), text));
}

function opinionButton(id, wanted, sign, text) {
  const button = element("button", {
    type: "button", class: "quiet small opinion", "aria-label": text, title: text,
    dataset: { action: wanted }, onclick: () => basket.toggle(id, wanted),
  }, element("span", { "aria-hidden": "true" }, sign));
  const show = () => button.setAttribute("aria-pressed", String(basket.opinion(id) === wanted));
  show();
  button.addEventListener("basket", show);
  return button;
}

/** Brings every like and dislike button on the page up to date. */
basket.onChange(() => {
  for (const button of document.querySelectorAll(".opinion")) button.dispatchEvent(new Event("basket"));
});

/** `list` is "dense", "keyword" or "fused"; `note` is said beside the score. */
export function hitCard(hit, { list = "dense", first = hit.score, rank, note } = {}) {
  const title = passageTitle(hit);
  return element("li", {},
    element("article", { class: "hit", tabindex: "-1", dataset: { hit: hit.id, open: documentAddress(hit) } },
      element("div", { class: "hit-head" },
        rank ? element("span", { class: "rank", "aria-hidden": "true" }, String(rank)) : null,
        element("div", { class: "hit-names" },
          element("p", { class: "path" }, passagePath(hit)),
          element("h3", {}, element("a", { href: documentAddress(hit), "data-open": true }, title)))),
      element("p", { class: "passage" }, markedBody(hit)),
      element("div", { class: "hit-foot" },
        element("span", { class: "source", title: placeText(hit) }, placeText(hit)),
        list === "fused" && typeof hit.similarity === "number" ? element("span", { class: "muted note" }, `similarity ${hit.similarity.toFixed(2)}`) : null,
        note ? element("span", { class: "muted note" }, note) : null,
        scoreBar(hit, list, first),
        element("span", { class: "hit-actions" },
          element("a", { class: "button quiet small", href: address("similar", { like: [hit.id] }), dataset: { action: "similar" } }, "More like this"),
          opinionButton(hit.id, "liked", "+", "Like: gather as an example of what is wanted"),
          opinionButton(hit.id, "disliked", "−", "Dislike: gather as an example of what is not wanted")))));
}

export function hitList(hits, options = {}) {
  const first = hits[0]?.score ?? 1;
  return element("ol", { class: "hits", "aria-label": options.label ?? "Passages" },
    hits.map((hit, index) => hitCard(hit, { ...options, first, rank: index + 1, note: options.note?.(hit) })));
}

