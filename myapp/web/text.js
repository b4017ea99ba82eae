// Texts with marked places. The API counts Unicode scalars, JavaScript UTF-16 units; only here is one made the other.
import { element } from "./dom.js";

const beyondTheBasicPlane = /[\ud800-\udfff]/;

/** What turns a scalar offset into an index of `text`. */
export function indexer(text) {
  if (!beyondTheBasicPlane.test(text)) return (offset) => Math.max(0, Math.min(offset, text.length));
  const starts = [];
  let index = 0;
  for (const scalar of text) {
    starts.push(index);
    index += scalar.length;
  }
  return (offset) => (offset >= starts.length ? text.length : starts[Math.max(0, offset)]);
}

/** The nodes of `text` with `ranges` (scalar offsets, any order, may overlap) in `<mark>`. */
export function marked(text, ranges, properties = {}) {
  const index = indexer(text);
  const nodes = [];
  let done = 0;
  for (const [start, end] of [...(ranges ?? [])].sort((a, b) => a[0] - b[0])) {
    const from = Math.max(done, index(start));
    const to = index(end);
    if (to <= from) continue;
    if (from > done) nodes.push(text.slice(done, from));
    nodes.push(element("mark", properties, text.slice(from, to)));
    done = to;
  }
  if (done < text.length) nodes.push(text.slice(done));
  return nodes;
}
