// The documents of the collection: what there is, adding to it, taking away.
import * as api from "./api.js";
import { byID, bytes, counted, element, failure, message, number } from "./dom.js";
import { droppedFiles, pickedFiles } from "./dropped.js";
import { address, documentAddress } from "./route.js";
import { askAgain, current, onRecovery, onStatus } from "./status.js";
import * as upload from "./upload.js";

const PAGE = 100;
const MOST = 5_000;
const SHOWN = 60;

let documents = [];
let total = 0;
let shown = SHOWN;
let loading = 0;

export function start() {
  upload.start(load);
  startAdding();
  byID("documents-filter").addEventListener("input", () => {
    shown = SHOWN;
    showDocuments();
  });
  onStatus(showWhatIsAllowed);
  onRecovery(() => byID("library").hidden || load());
}

export const show = () => load();

function startAdding() {
  const zone = byID("dropzone");
  const isFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  // Wherever files are dropped they are added: otherwise the browser would leave the page for the file.
  addEventListener("dragover", (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    zone.classList.add("over");
  });
  addEventListener("dragleave", (event) => event.relatedTarget || zone.classList.remove("over"));
  addEventListener("drop", async (event) => {
    zone.classList.remove("over");
    if (!isFiles(event)) return;
    event.preventDefault();
    const files = await droppedFiles(event.dataTransfer);
    if (byID("library").hidden) location.hash = "#/library";
    add(files);
  });
  for (const [button, input] of [["pick-files", "file-input"], ["pick-folder", "folder-input"]]) {
    byID(button).addEventListener("click", () => byID(input).click());
    byID(input).addEventListener("change", (event) => {
      add(pickedFiles(event.target.files));
      event.target.value = "";
    });
  }
  byID("url-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const urls = [...new Set(byID("url-input").value.split(/\s+/).filter(Boolean))];
    if (urls.length === 0) return byID("url-input").focus();
    upload.addURLs(urls, topic());
    byID("url-input").value = "";
  });
}

const topic = () => byID("topic-input").value.trim();

function add(files) {
  if (current?.writes?.allowed !== false) upload.addFiles(files, topic());
}

function showWhatIsAllowed(status) {
  const { allowed = true, tokenNeeded = false, reason = null } = status.writes ?? {};
  byID("library-add").hidden = !allowed;
  byID("library-closed").hidden = allowed;
  byID("library-closed").textContent = reason ?? "This library cannot be changed from here.";
  byID("dropzone-limits").textContent = [
    "Text, Markdown, HTML, PDF, Word",
    status.limits?.fileBytes ? `up to ${bytes(status.limits.fileBytes)} a file` : "",
    tokenNeeded ? "a token will be asked for" : "",
  ].filter(Boolean).join(" · ");
  byID("topic-list").replaceChildren(...(status.topics ?? []).map((topic) => new Option(topic.name)));
  if (!byID("library").hidden && loading === 0 && status.documents !== total) load();
}

async function load() {
  const own = (loading += 1);
  try {
    const found = [];
    let count = 0;
    do {
      const page = await api.documents(PAGE, found.length);
      count = page.total;
      found.push(...page.documents);
      if (page.documents.length === 0) break;
    } while (found.length < Math.min(count, MOST));
    if (own !== loading) return;
    [documents, total] = [found, count];
    showDocuments();
  } catch (error) {
    if (own !== loading) return;
    byID("documents").replaceChildren(failure("The list could not be read", error, load));
    askAgain();
  } finally {
    if (own === loading) loading = 0;
  }
}

function showDocuments() {
  const words = byID("documents-filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = documents.filter((each) => {
    const text = `${each.title} ${each.source} ${each.topic ?? ""} ${each.kind}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  byID("documents-figures").textContent = words.length ? `${number(matching.length)} of ${number(total)}` : counted(total, "document");
  if (matching.length === 0) {
    byID("documents").replaceChildren(message("empty", documents.length ? "No document matches" : "Nothing here yet",
      documents.length ? "Try another word." : "Drop a file above to begin."));
    return;
  }
  byID("documents").replaceChildren(
    element("ul", { class: "documents" }, matching.slice(0, shown).map(row)),
    ...(matching.length > shown ? [element("p", { class: "more" }, element("button", {
      type: "button", onclick: () => { shown += SHOWN; showDocuments(); },
    }, `Show more of ${number(matching.length)}`))] : []),
    ...(total > documents.length ? [element("p", { class: "muted" }, `Only the first ${number(documents.length)} documents are listed.`)] : []));
}

function row(each) {
  const facts = [each.kind, each.pages ? counted(each.pages, "page") : "", counted(each.passages, "passage"), counted(each.characters, "character")];
  return element("li", { class: "document-row", dataset: { source: each.source } },
    element("div", { class: "document-names" },
      element("a", { href: documentAddress({ source: each.source }) }, each.title || each.source),
      element("span", { class: "source" }, each.source)),
    each.topic ? element("span", { class: "tag" }, each.topic.replaceAll("-", " ")) : null,
    element("span", { class: "muted document-facts" }, facts.filter(Boolean).join(" · ")),
    element("span", { class: "document-actions" },
      element("a", { class: "button quiet small", href: address("search", { source: each.source }), "aria-label": `Search in ${each.title}` }, "Search in it"),
      current?.writes?.allowed === false ? null : element("button", {
        type: "button", class: "quiet small", "aria-label": `Remove ${each.title}`, onclick: (event) => remove(each, event.currentTarget),
      }, "Remove")));
}

async function remove(each, button) {
  if (!(await confirmed(`Remove “${each.title || each.source}”?`, `Its ${counted(each.passages, "passage")} will no longer be found. The file itself stays where it is.`))) return;
  button.disabled = true;
  try {
    await api.removeDocument(each.source);
    documents = documents.filter((other) => other !== each);
    total -= 1;
    showDocuments();
    byID("documents-filter").focus();
    askAgain();
  } catch (error) {
    button.disabled = false;
    button.closest("li").append(element("p", { class: "problem", role: "alert" }, `Not removed: ${error.message}`));
  }
}

function confirmed(title, text) {
  const dialog = byID("confirm-dialog");
  byID("confirm-title").textContent = title;
  byID("confirm-text").textContent = text;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}
