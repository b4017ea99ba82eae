// The passages liked and disliked so far, kept for this tab and shown in a bar below.
import { byID, counted } from "./dom.js";
import { address } from "./route.js";

const KEY = "basket";
const listeners = new Set();
let basket = { liked: [], disliked: [], ...read() };

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

export const contents = () => basket;

export function opinion(id) {
  return basket.liked.includes(id) ? "liked" : basket.disliked.includes(id) ? "disliked" : null;
}

export function replace(next) {
  basket = { liked: [...new Set(next.liked)], disliked: [...new Set(next.disliked)].filter((id) => !next.liked.includes(id)) };
  sessionStorage.setItem(KEY, JSON.stringify(basket));
  show();
  for (const listener of listeners) listener(basket);
}

/** Likes or dislikes a passage; the second time takes it back. */
export function toggle(id, wanted) {
  const before = opinion(id);
  const without = (list) => list.filter((each) => each !== id);
  const next = { liked: without(basket.liked), disliked: without(basket.disliked) };
  if (before !== wanted) next[wanted].push(id);
  replace(next);
}

export const onChange = (listener) => listeners.add(listener);

export const similarAddress = ({ liked, disliked } = basket) => address("similar", { like: liked, dislike: disliked });

/** Where passages can be gathered. */
const VIEWS = ["search", "classify", "document"];

export function show() {
  const count = basket.liked.length + basket.disliked.length;
  byID("basket").hidden = count === 0 || !VIEWS.includes(document.body.dataset.view);
  byID("basket-text").textContent = [
    basket.liked.length ? `${basket.liked.length} liked` : "",
    basket.disliked.length ? `${basket.disliked.length} disliked` : "",
  ].filter(Boolean).join(", ");
  byID("basket-open").setAttribute("href", similarAddress());
  byID("basket-open").setAttribute("aria-label", `Find passages similar to the ${counted(count, "gathered passage")}`);
}

export function start() {
  byID("basket-clear").addEventListener("click", () => replace({ liked: [], disliked: [] }));
  show();
}
