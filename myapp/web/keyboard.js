// The keys: `/` to the field, arrows or j and k through results, Enter opens, Esc back.
import { byID } from "./dom.js";
import { go } from "./route.js";
import { closeSource } from "./source.js";

const DOWN = new Set(["ArrowDown", "j"]);
const UP = new Set(["ArrowUp", "k"]);

const panel = () => document.querySelector(".view:not([hidden])");
const lists = () => [...panel().querySelectorAll(".hits")];
const hitsOf = (list) => [...list.querySelectorAll("[data-hit]")];
const isTyping = (target) => target.matches?.("textarea, select, input:not([type=radio], [type=range], [type=checkbox])") ?? false;

export function start() {
  document.addEventListener("keydown", onKey);
  byID("keys-button").addEventListener("click", () => byID("keys-dialog").showModal());
  startTabs();
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (handle(event)) event.preventDefault();
}

/** Whether the key meant something here. */
function handle({ key, target }) {
  const hit = target.closest?.("[data-hit]");
  if (key === "Escape") return back(target, hit);
  if (isTyping(target)) {
    const first = target.matches("[data-query][type=search]") && key === "ArrowDown" && panel().querySelector("[data-hit]");
    return Boolean(first) && focus(first);
  }
  if (key === "/") return toField();
  if (key === "?") {
    byID("keys-dialog").showModal();
    return true;
  }
  if (target.closest?.("[role=tablist], fieldset, input")) return false;
  if (DOWN.has(key)) return move(hit, 1);
  if (UP.has(key)) return move(hit, -1);
  if (!hit) return false;
  if (key === "ArrowRight") return aside(hit, 1);
  if (key === "ArrowLeft") return aside(hit, -1);
  if (key === "Enter" && target === hit) return click(hit, "[data-open]");
  if (key === "m") return click(hit, "[data-action=similar]");
  if (key === "+") return click(hit, "[data-action=liked]");
  if (key === "-") return click(hit, "[data-action=disliked]");
  return false;
}

function toField() {
  let field = panel().querySelector("[data-query]");
  if (!field) {
    go("search");
    field = byID("search-input");
    // The view is shown by the change of address, which comes a moment later.
    addEventListener("hashchange", () => setTimeout(() => field.focus()), { once: true });
    return true;
  }
  field.focus();
  field.select();
  return true;
}

function focus(hit) {
  hit.focus();
  hit.scrollIntoView({ block: "nearest" });
  return true;
}

function move(hit, step) {
  if (!hit) {
    const first = step > 0 && panel().querySelector("[data-hit]");
    return Boolean(first) && focus(first);
  }
  const hits = hitsOf(hit.closest(".hits"));
  const next = hits[hits.indexOf(hit) + step];
  if (next) return focus(next);
  if (step > 0) return true;
  panel().querySelector("[data-query]")?.focus();
  return true;
}

/** To the same height in the next column. */
function aside(hit, step) {
  const all = lists();
  const own = hit.closest(".hits");
  const next = all[all.indexOf(own) + step];
  if (!next) return false;
  const hits = hitsOf(next);
  const wanted = hits[Math.min(hitsOf(own).indexOf(hit), hits.length - 1)];
  return Boolean(wanted) && focus(wanted);
}

function click(hit, selector) {
  hit.querySelector(selector)?.click();
  return true;
}

function back(target, hit) {
  if (panel().id === "ask" && closeSource()) return true;
  if (panel().id === "document") {
    byID("document-back")?.click();
    return true;
  }
  if (hit) {
    const field = panel().querySelector("[data-query]");
    if (field) field.focus();
    else hit.blur();
    return true;
  }
  if (target.matches?.("[type=search]")) return false; // the browser empties it
  if (isTyping(target)) target.blur();
  return false;
}

/** Arrows move among the tabs, as in any list of tabs; the tab with the focus is shown. */
function startTabs() {
  byID("tabs").addEventListener("keydown", (event) => {
    const tabs = [...byID("tabs").children];
    const index = tabs.indexOf(event.target);
    const wanted = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (wanted === undefined || index < 0) return;
    event.preventDefault();
    const tab = tabs[(wanted + tabs.length) % tabs.length];
    tab.focus();
    tab.click();
  });
}
