// A document's text set for reading. The service keeps passages, so headings and page numbers between them, which it has
// only as facts about passages, are put back where the text leaves room for them.
import { element } from "./dom.js";
import { indexer, withHeadings } from "./text.js";

/** The nodes of `text`; `range` (scalar offsets, may be null) is in one `<mark>` with `properties`. */
export function readingNodes({ text, passages }, range, properties) {
  const index = indexer(text);
  const [from, to] = range ? [index(range.start), index(range.end)] : [0, 0];
  const nodes = [];
  // What comes before the first passage is line breaks where a title stood.
  let done = text.length - text.trimStart().length;
  const add = (end) => {
    const holdsRange = to > from && from >= done && from < end;
    nodes.push(...withHeadings(text, done, holdsRange ? from : end));
    if (holdsRange) {
      nodes.push(element("mark", properties, withHeadings(text, from, to)), ...withHeadings(text, to, end));
    }
    done = end;
  };
  for (const { at, node } of signs(text, passages, index)) {
    if (at < done || (at > from && at < to)) continue;
    add(at);
    nodes.push(node);
  }
  add(text.length);
  return nodes;
}

/** Where a section or a page begins, unless the text says so itself. */
function signs(text, passages, index) {
  const found = [];
  let section = "";
  let page = null;
  let end = 0;
  for (const passage of passages) {
    const at = index(passage.start);
    const isRoom = text.slice(end, at).trim() === "" && text[at] !== "#";
    if (isRoom && passage.page && passage.page !== page) {
      found.push({ at, node: element("p", { class: "page-sign" }, `Page ${passage.page}`) });
    }
    if (isRoom && passage.section && passage.section !== section) {
      found.push({ at, node: element("h2", { class: "section-sign" }, passage.section.split(" › ").at(-1)) });
    }
    [section, page, end] = [passage.section, passage.page ?? page, Math.max(end, index(passage.end))];
  }
  return found;
}
