// Two texts beside each other, the words only one of them has in `<mark>`.
import { element } from "./dom.js";

const MOST_WORDS = 1_500;

const words = (text) => text.match(/[\p{L}\p{N}'’-]+|[^\p{L}\p{N}'’-]+/gu) ?? [];
const isWord = (piece) => /[\p{L}\p{N}]/u.test(piece);

/** The nodes of both texts. Words are compared without case, by a longest common subsequence. */
export function differences(a, b) {
  const [left, right] = [words(a), words(b)];
  const [x, y] = [left.filter(isWord).map(fold), right.filter(isWord).map(fold)];
  if (x.length > MOST_WORDS || y.length > MOST_WORDS) return [[a], [b]];
  const common = commonWords(x, y);
  return [nodes(left, common.inX), nodes(right, common.inY)];
}

const fold = (word) => word.toLowerCase();

/** Which words of each belong to the longest common subsequence; time and space in the product of the lengths. */
function commonWords(x, y) {
  const width = y.length + 1;
  const lengths = new Uint16Array((x.length + 1) * width);
  for (let i = x.length - 1; i >= 0; i -= 1) {
    for (let j = y.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = x[i] === y[j]
        ? lengths[(i + 1) * width + j + 1] + 1
        : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const [inX, inY] = [new Set(), new Set()];
  for (let i = 0, j = 0; i < x.length && j < y.length;) {
    if (x[i] === y[j]) {
      inX.add(i++);
      inY.add(j++);
    } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i += 1;
    else j += 1;
  }
  return { inX, inY };
}

/** Neighbouring differing words are one mark, with what stands between them. */
function nodes(pieces, common) {
  const made = [];
  let open = null;
  let gap = "";
  let index = 0;
  for (const piece of pieces) {
    if (!isWord(piece)) {
      if (open) gap += piece;
      else made.push(piece);
      continue;
    }
    if (!common.has(index++)) {
      if (!open) made.push((open = element("mark", { class: "differs" })));
      open.append(gap + piece);
      gap = "";
    } else {
      made.push(gap, piece);
      [open, gap] = [null, ""];
    }
  }
  made.push(gap);
  return made;
}
