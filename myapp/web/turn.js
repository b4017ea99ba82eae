// One question of a conversation and what came of it, redrawn as the answer streams in.
import { answerNodes } from "./answer.js";
import { counted, element, milliseconds } from "./dom.js";
import { passageTitle, placeText } from "./passage.js";
import { openSource } from "./source.js";

const NEAREST = 3;

/** `{node, update}` for a turn of ask.js. Citations open the source panel; `again` asks the question anew. */
export function turnView(turn, { again }) {
  const searched = element("p", { class: "muted searched" });
  const notices = element("div", {});
  const answer = element("div", { class: "answer", "aria-live": "polite" });
  const meta = element("p", { class: "figures turn-meta", role: "status" });
  const sources = element("div", { class: "turn-sources" });
  const node = element("li", { class: "turn" }, element("h2", { class: "question" }, turn.question), searched, notices, answer, meta, sources);
  let shownNotices = 0;
  let shownSources = "";
  const update = () => {
    node.dataset.state = turn.state;
    const busy = turn.state === "searching" || turn.state === "writing";
    searched.hidden = !turn.searched;
    searched.textContent = turn.searched ? `Searched as: ${turn.searched}` : "";
    for (const text of turn.notices.slice(shownNotices)) notices.append(element("p", { class: "notice" }, text));
    shownNotices = turn.notices.length;
    // Busy until whole: a screen reader then reads the answer once, not word by word.
    answer.setAttribute("aria-busy", String(busy));
    answer.classList.toggle("writing", busy);
    answer.replaceChildren(...answerNodes(turn.answer, turn.passages, openSource));
    meta.replaceChildren(...says(turn, again));
    const wanted = `${turn.state === "refused"} ${turn.passages.length}`;
    if (wanted !== shownSources) sources.replaceChildren(...sourceList(turn));
    shownSources = wanted;
  };
  update();
  return { node, update };
}

function says(turn, again) {
  const retry = () => element("button", { type: "button", class: "quiet small", onclick: again }, "Ask again");
  const time = turn.milliseconds ? ` in ${milliseconds(turn.milliseconds)}` : "";
  switch (turn.state) {
    case "searching": return ["Looking for passages …"];
    case "writing": return turn.answer ? ["Writing …"] : [`Reading ${counted(turn.passages.length, "passage")} …`];
    case "stopped": return ["Stopped. ", retry()];
    case "failed": return [element("span", { class: "problem", role: "alert" }, turn.problem), " ", retry()];
    case "refused": return turn.answer ? [] : ["The documents do not seem to answer this."];
    default: return [turn.by === "model" ? `Written by the language model${time}` : turn.by === "extract" ? `Quoted from the passages${time}, without a language model` : `Answered${time}`];
  }
}

/** The passages the answer was made from; after a refusal the nearest ones, in case they help all the same. */
function sourceList(turn) {
  if (turn.passages.length === 0) return [];
  const refused = turn.state === "refused";
  const item = (passage) => element("li", {},
    element("button", { type: "button", class: "source-button", dataset: { n: passage.n }, onclick: (event) => openSource(passage, event.currentTarget) },
      element("span", { class: "citation still" }, `[${passage.n}]`),
      element("span", {}, element("b", {}, passageTitle(passage)), element("small", {}, placeText(passage)))));
  const items = (refused ? turn.passages.slice(0, NEAREST) : turn.passages).map(item);
  return refused
    ? [element("p", { class: "muted" }, "What comes nearest:"), element("ul", { class: "source-list" }, items)]
    : [element("details", {}, element("summary", {}, `${counted(items.length, "passage")} read`), element("ul", { class: "source-list" }, items))];
}
