// The queue of what is being added: two at a time, each with its progress and what came of it.
import * as api from "./api.js";
import { byID, bytes, counted, element, number } from "./dom.js";
import { isLitter } from "./dropped.js";
import { documentAddress } from "./route.js";
import { askAgain, current } from "./status.js";

const AT_ONCE = 2;
const STAGES = { fetching: "Fetching", reading: "Reading", cutting: "Cutting into passages", embedding: "Embedding", storing: "Storing" };
const STATUS = { added: "Added", updated: "Updated", unchanged: "Unchanged", failed: "Nothing added" };

const waiting = [];
let running = 0;
let whenChanged = () => {};

export function start(changed) {
  whenChanged = changed;
  byID("queue-clear").addEventListener("click", () => {
    for (const row of byID("queue").querySelectorAll("[data-finished]")) row.remove();
    showSummary();
  });
}

/** Queues files, as `[{file, name}]`. What the service would not take is refused here, with the reason. */
export function addFiles(files, topic) {
  const limits = current?.limits ?? {};
  const wanted = files.filter(({ name }) => !isLitter(name));
  wanted.forEach(({ file, name }, index) => {
    const row = makeRow(name);
    if (limits.fileBytes && file.size > limits.fileBytes) refuse(row, `Larger than ${bytes(limits.fileBytes)}, the most a file may have.`);
    else if (limits.files && index >= limits.files) refuse(row, `Not taken: at most ${number(limits.files)} files at a time.`);
    else waiting.push(taskFor(row, () => api.ingest(file, name, topic)));
  });
  if (wanted.length < files.length) {
    refuse(makeRow(counted(files.length - wanted.length, "hidden file")), "Left out.");
  }
  pump();
}

/** Queues addresses, which the service fetches in one request. */
export function addURLs(urls, topic) {
  const most = current?.limits?.urls ?? Infinity;
  const rows = new Map();
  urls.forEach((url, index) => {
    const row = makeRow(url);
    if (index < most) rows.set(url, row);
    else refuse(row, `Not taken: at most ${number(most)} addresses at a time.`);
  });
  const open = (some) => api.ingestURLs({ urls: some, topic: topic || undefined });
  waiting.push({
    rows: [...rows.values()],
    open: () => open([...rows.keys()]),
    rowFor: (data) => rows.get(data.url),
    // Of several addresses only the one that failed is fetched again.
    again: (row) => taskFor(row, () => open([row.name])),
  });
  pump();
}

/** A task is one request: its rows, what opens its events, which row an event is about, and what tries a row again. */
function taskFor(row, open) {
  return { rows: [row], open, rowFor: () => row, again: () => taskFor(row, open) };
}

function pump() {
  while (running < AT_ONCE && waiting.length > 0) {
    running += 1;
    run(waiting.shift()).finally(() => {
      running -= 1;
      pump();
      if (running === 0) {
        whenChanged();
        askAgain();
      }
    });
  }
  showSummary();
}

async function run(task) {
  for (const row of task.rows) row.progress({ stage: "sending" });
  try {
    for await (const { event, data } of task.open()) {
      const row = task.rowFor(data);
      if (event === "progress") row?.progress(data);
      else if (event === "result") row?.finish(data);
      else if (event === "error") throw new Error(data.message);
    }
    for (const row of task.rows) if (!row.finished()) refuse(row, "The service broke off before saying what came of it.", retry(task, row));
  } catch (error) {
    for (const row of task.rows) if (!row.finished()) refuse(row, error.message, retry(task, row));
  }
}

const retry = (task, row) => () => {
  waiting.push(task.again(row));
  row.again();
  pump();
};

const refuse = (row, reason, again) => row.finish({ status: "failed", reason }, again);

function makeRow(name) {
  const bar = element("progress", { max: 1, "aria-label": `Progress of ${name}` });
  const state = element("span", { class: "queue-state" }, "Waiting");
  const detail = element("p", { class: "muted queue-detail" });
  const node = element("li", { class: "queue-row" },
    element("div", { class: "queue-line" }, element("span", { class: "queue-name" }, name), state), bar, detail);
  byID("queue-section").hidden = false;
  byID("queue").prepend(node);
  return {
    name,
    finished: () => node.dataset.finished !== undefined,
    again() {
      delete node.dataset.finished;
      delete node.dataset.status;
      detail.replaceChildren();
      bar.hidden = false;
      state.textContent = "Waiting";
    },
    progress({ stage, done, total }) {
      state.textContent = stage === "sending" ? "Sending" : `${STAGES[stage] ?? stage}${total > 1 ? ` ${number(done)} of ${number(total)}` : ""}`;
      if (total > 0) {
        bar.max = total;
        bar.value = done;
      } else {
        bar.removeAttribute("value");
      }
    },
    finish(result, again) {
      node.dataset.finished = "";
      node.dataset.status = result.status;
      bar.hidden = true;
      state.textContent = STATUS[result.status] ?? result.status;
      detail.replaceChildren(...describe(result), again ? element("button", { type: "button", class: "quiet small", onclick: again }, "Try again") : "");
      showSummary();
    },
  };
}

function describe(result) {
  if (result.status === "failed") return [`${result.reason ?? "No reason given."} `];
  const facts = [
    result.pages ? counted(result.pages, "page") : "",
    counted(result.characters, "character"),
    counted(result.passages, "passage"),
    result.truncated ? `${counted(result.truncated, "passage")} longer than the model reads, cut` : "",
    result.reason ?? "",
  ].filter(Boolean).join(" · ");
  return [element("a", { href: documentAddress({ source: result.source }) }, result.title || result.source), ` ${facts}`];
}

function showSummary() {
  const rows = [...byID("queue").children];
  const finished = rows.filter((row) => row.dataset.finished !== undefined);
  const failed = finished.filter((row) => row.dataset.status === "failed").length;
  byID("queue-section").hidden = rows.length === 0;
  byID("queue-summary").textContent = `${finished.length} of ${rows.length} done${failed ? `, ${failed} not added` : ""}`;
}
