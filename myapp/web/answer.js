// The text of an answer: citations such as [2] or [1, 3] become links to their passages, the rest stays text.
import { element } from "./dom.js";

const citation = /\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]/g;

/** Nodes of `text`. A number no passage has is left as it was written: it leads nowhere. */
export function answerNodes(text, passages, open) {
  const known = new Map(passages.map((passage) => [passage.n, passage]));
  const nodes = [];
  let done = 0;
  for (const found of text.matchAll(citation)) {
    const numbers = found[1].split(",").map(Number);
    if (!numbers.some((number) => known.has(number))) continue;
    nodes.push(...emphasised(text.slice(done, found.index)));
    for (const number of numbers) {
      nodes.push(known.has(number) ? link(known.get(number), open) : `[${number}]`);
    }
    done = found.index + found[0].length;
  }
  nodes.push(...emphasised(text.slice(done)));
  return nodes;
}

function link(passage, open) {
  return element("button", {
    type: "button", class: "citation", dataset: { n: passage.n },
    "aria-label": `Source ${passage.n}: ${passage.heading || passage.title}`, title: passage.heading || passage.title,
    onclick: (event) => open(passage, event.currentTarget),
  }, `[${passage.n}]`);
}

/** Models like to write **this**. */
function emphasised(text) {
  return text.split(/\*\*([^*\n]+)\*\*/).map((piece, index) => (index % 2 ? element("strong", {}, piece) : piece));
}
