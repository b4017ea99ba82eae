// A document's text set for reading: section titles as headings, page numbers where pages begin, a passage highlighted.
import { element } from "./dom.js";
import { indexer } from "./text.js";

/** The nodes of `text`; `range` (scalar offsets, may be null) is in one `<mark>` with `properties`. */
export function readingNodes({ text, passages }, range, properties) {
  const index = indexer(text);
  const [from, to] = range ? [index(range.start), index(range.end)] : [0, 0];
  const headings = headingsOf(text, passages, index);
  const nodes = [];
  let done = 0;
  const add = (end) => {
    const holdsRange = to > from && from >= done && from < end;
    nodes.push(...withHeadings(text, done, holdsRange ? from : end, headings));
    if (holdsRange) {
      nodes.push(element("mark", properties, withHeadings(text, from, to, headings)), ...withHeadings(text, to, end, headings));
    }
    done = end;
  };
  for (const { at, page } of pagesOf(passages, index)) {
    if (at < done || (at > from && at < to)) continue;
    add(at);
    nodes.push(element("span", { class: "page-sign" }, `Page ${page}`));
  }
  add(text.length);
  return nodes;
}

/** Where headings stand, as `[start, end]` in order: lines a passage begins with that name its sections, and Markdown's. */
function headingsOf(text, passages, index) {
  const found = new Map();
  for (const passage of passages) {
    let start = index(passage.start);
    for (const name of (passage.section ?? "").split(" › ")) {
      if (!name || !text.startsWith(`${name}\n`, start)) continue;
      found.set(start, start + name.length);
      start += name.length;
      while (text[start] === "\n") start += 1;
    }
  }
  for (const line of text.matchAll(/^#{1,6} .*$/gm)) found.set(line.index, line.index + line[0].length);
  return [...found].sort((a, b) => a[0] - b[0]);
}

function pagesOf(passages, index) {
  let last = null;
  return passages.filter(({ page }) => page && page !== last && (last = page))
    .map(({ page, start }) => ({ at: index(start), page }));
}

/** The nodes of `text` from one index to another. */
function withHeadings(text, from, to, headings) {
  const nodes = [];
  let done = from;
  for (const [start, end] of headings) {
    if (start < done || end > to) continue;
    nodes.push(text.slice(done, start), element("span", { class: "heading-line" }, text.slice(start, end)));
    done = end;
  }
  nodes.push(text.slice(done, to));
  return nodes;
}
