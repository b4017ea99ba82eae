// The passage behind a citation, highlighted in what surrounds it.
import { byID, element, fill, outsideLink } from "./dom.js";
import { passageTitle, placeText } from "./passage.js";
import { address, documentAddress } from "./route.js";
import { readingNodes } from "./reading.js";

let opener = null;

/** Opens the panel for a source of an answer (with `n` and `context`); closing it gives the focus back to `from`. */
export function openSource(passage, from) {
  const panel = byID("ask-source");
  opener = from;
  // The context holds the passage word for word; where it does not, the passage alone is shown.
  const context = passage.context ?? { text: passage.text, start: passage.start };
  const inContext = { start: passage.start - context.start, end: passage.end - context.start };
  const text = element("div", { class: "source-text", tabindex: "0", role: "region", "aria-label": "The passage in its context" },
    readingNodes({ text: context.text, passages: [{ ...inContext, section: passage.section }] }, inContext, {}));
  fill(panel,
    element("div", { class: "source-head" },
      element("span", { class: "citation still" }, `[${passage.n}]`),
      element("h2", { id: "ask-source-title" }, passageTitle(passage)),
      element("button", { type: "button", class: "quiet round", "aria-label": "Close the source", onclick: closeSource }, "×")),
    element("p", { class: "path" }, placeText(passage)),
    passage.url ? element("p", {}, outsideLink(passage.url)) : null,
    text,
    element("p", { class: "row wrap" },
      element("a", { class: "button small", href: documentAddress(passage), id: "source-document" }, "Open in the document"),
      element("a", { class: "button quiet small", href: address("similar", { like: [passage.id] }) }, "More like this")));
  panel.hidden = false;
  byID("ask-layout").classList.add("with-source");
  for (const each of document.querySelectorAll(".citation[aria-current]")) each.removeAttribute("aria-current");
  if (from?.classList.contains("citation")) from.setAttribute("aria-current", "true");
  panel.focus({ preventScroll: true });
  const mark = text.querySelector("mark");
  if (mark) text.scrollTop = mark.offsetTop - text.offsetTop - Math.max(0, (text.clientHeight - mark.offsetHeight) / 2);
}

export function closeSource() {
  const panel = byID("ask-source");
  if (panel.hidden) return false;
  panel.hidden = true;
  byID("ask-layout").classList.remove("with-source");
  document.querySelector(".citation[aria-current]")?.removeAttribute("aria-current");
  if (opener?.isConnected) opener.focus();
  return true;
}
