// Which view is shown, by the hash, and everything begun.
import * as ask from "./ask.js";
import * as basket from "./basket.js";
import * as classify from "./classify.js";
import * as documentView from "./document.js";
import * as duplicates from "./duplicates.js";
import * as keyboard from "./keyboard.js";
import * as library from "./library.js";
import { readRoute } from "./route.js";
import * as search from "./search.js";
import * as similar from "./similar.js";
import * as status from "./status.js";
import { byID } from "./dom.js";

const views = { search, ask, library, similar, classify, duplicates, document: documentView };
const TITLE = "The Pocket Almanac";

/** What a view left behind when it was gone from, by its address: where it was scrolled to, what had the focus. */
const left = new Map();
let shownHash = null;

async function showView() {
  const hash = location.hash;
  const { view: wanted, parameters } = readRoute();
  const view = wanted in views ? wanted : "search";
  document.body.dataset.view = view;
  for (const name of Object.keys(views)) byID(name).hidden = name !== view;
  for (const tab of byID("tabs").children) {
    const selected = tab.id === `tab-${view}`;
    // The tab of the view that is shown begins it anew; the others lead back to how they were left.
    if (selected) tab.setAttribute("href", `#/${view}`);
    tab.setAttribute("aria-selected", String(selected));
    tab.tabIndex = selected || (view === "document" && tab.id === "tab-search") ? 0 : -1;
    if (selected) tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.clientWidth / 2 + tab.offsetWidth / 2;
  }
  document.title = view === "document" ? TITLE : `${byID(`tab-${view}`).textContent} · ${TITLE}`;
  basket.show();
  shownHash = hash;
  await views[view].show(parameters);
  if (shownHash !== hash && readRoute(shownHash).view !== view) return;
  const before = left.get(location.hash);
  if (before) {
    left.delete(location.hash);
    scrollTo(0, before.y);
    if (before.hit) [...byID(view).querySelectorAll("[data-hit]")].find((hit) => hit.dataset.hit === before.hit)?.focus({ preventScroll: true });
  } else if (view !== "document" && document.body.dataset.steps > 0) {
    scrollTo(0, 0);
  }
}

/** Remembers, while the old view still stands, the hit that had the focus: going back returns to it. */
function remember() {
  const hit = document.activeElement?.closest?.("[data-hit]")?.dataset.hit;
  left.set(shownHash, { y: scrollY, hit });
}

document.body.dataset.steps = "0";
for (const view of Object.values(views)) view.start();
basket.start();
keyboard.start();
status.start();
document.addEventListener("click", (event) => {
  if (event.target.closest?.("a[href^='#/']")) {
    shownHash = location.hash;
    remember();
  }
}, true);
addEventListener("hashchange", ({ oldURL }) => {
  const hash = new URL(oldURL).hash;
  byID(`tab-${readRoute(hash).view}`)?.setAttribute("href", hash || "#/search");
  document.body.dataset.steps = String(Number(document.body.dataset.steps) + 1);
  showView();
});
history.scrollRestoration = "manual";
showView().then(() => {
  if (document.body.dataset.view === "search" && !matchMedia("(pointer: coarse)").matches) byID("search-input").focus();
});
