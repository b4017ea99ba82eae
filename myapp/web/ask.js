// A conversation answered from the passages. It is kept in this tab until "New conversation".
import * as api from "./api.js";
import { byID, element } from "./dom.js";
import { note } from "./route.js";
import { closeSource } from "./source.js";
import { askAgain, fillTopics, onStatus } from "./status.js";
import { turnView } from "./turn.js";

// Turns that are sent along: the service looks at fewer.
const HISTORY = 8;

const KEY = "conversation";
const EXAMPLES = ["How do owls fly so quietly?", "Does the close-door button in a lift do anything?", "What is a Bloom filter for?"];

/** Each `{question, searched, passages, answer, notices, state, by, milliseconds, problem}`; see `ask`. */
let turns = restore();
let pending = null;
let form, input, list;

export function start() {
  [form, input, list] = [byID("ask-form"), byID("ask-input"), byID("ask-turns")];
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(input.value);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit(input.value);
    }
  });
  byID("ask-stop").addEventListener("click", () => pending?.abort());
  byID("ask-new").addEventListener("click", clear);
  byID("ask-examples").append(...EXAMPLES.map((example) =>
    element("button", { type: "button", class: "example", onclick: () => submit(example) }, example)));
  onStatus((status) => {
    fillTopics(byID("ask-topic"), status.topics ?? []);
    byID("ask-lead").textContent = status.chat
      ? `${status.chat.model} answers from the passages found, and says which. Open them and check.`
      : "No language model is set up: answers are sentences quoted from the passages found.";
  });
  list.replaceChildren(...turns.map((turn) => viewOf(turn).node));
  showControls();
}

/** `#/ask?q=…` asks at once, and then is `#/ask`, so that a reload does not ask again. */
export function show(parameters) {
  const question = parameters.get("q");
  if (!question) return;
  note("ask", {});
  submit(question);
}

const viewOf = (turn) => turnView(turn, { again: () => submit(turn.question, turn) });

function clear() {
  pending?.abort();
  turns = [];
  closeSource();
  list.replaceChildren();
  save();
  showControls();
  input.focus();
}

/** Asks; `replaced` is a turn that failed and is asked again. */
async function submit(text, replaced) {
  const question = text.trim();
  if (question === "" || pending) return;
  if (replaced) {
    list.children[turns.indexOf(replaced)]?.remove();
    turns = turns.filter((turn) => turn !== replaced);
  }
  // Only what was answered: a refusal or half an answer would lead the rewriting of a follow-up astray.
  const history = turns.filter((turn) => turn.state === "answered").slice(-HISTORY).map(({ question, answer }) => ({ question, answer }));
  const turn = { question, searched: null, passages: [], answer: "", notices: [], state: "searching", by: null, milliseconds: null, problem: null };
  const view = viewOf(turn);
  turns.push(turn);
  list.append(view.node);
  input.value = "";
  const own = (pending = new AbortController());
  showControls();
  view.node.scrollIntoView({ block: "nearest" });
  try {
    const topic = byID("ask-topic").value || undefined;
    for await (const event of api.ask({ question, history, topic }, own.signal)) {
      take(turn, event);
      keepingTheEndInSight(view.update);
    }
    if (turn.state === "searching" || turn.state === "writing") fail(turn, "The answer broke off.");
  } catch (error) {
    if (own.signal.aborted) turn.state = "stopped";
    else fail(turn, error.isAway ? "The database does not answer just now." : error.message);
  }
  if (pending === own) pending = null;
  view.update();
  save();
  showControls();
}

/** Whoever has scrolled up to read is left where they are. */
function keepingTheEndInSight(update) {
  const page = document.documentElement;
  const atEnd = page.scrollHeight - scrollY - innerHeight < 80;
  update();
  if (atEnd && !byID("ask").hidden) scrollTo(0, page.scrollHeight);
}

function take(turn, { event, data }) {
  if (event === "sources") {
    turn.passages = data.passages;
    turn.searched = data.rewritten ? data.question : null;
    turn.state = "writing";
  } else if (event === "token") {
    turn.answer += data.text;
    turn.state = "writing";
  } else if (event === "notice") {
    if (data.restart) turn.answer = "";
    turn.notices.push(data.message);
  } else if (event === "done") {
    turn.answer = data.answer ?? turn.answer;
    turn.state = data.refused ? "refused" : "answered";
    turn.by = data.by;
    turn.milliseconds = data.milliseconds;
  } else if (event === "error") {
    fail(turn, data.message);
  }
}

function fail(turn, problem) {
  turn.state = "failed";
  turn.problem = problem;
  askAgain();
}

function showControls() {
  byID("ask-stop").hidden = !pending;
  byID("ask-send").disabled = Boolean(pending);
  byID("ask-new").hidden = turns.length === 0;
  byID("ask-examples").hidden = turns.length > 0;
  input.placeholder = turns.length ? "Ask on, or ask something else" : "Ask a question";
}

function save() {
  const kept = turns.filter((turn) => !["searching", "writing"].includes(turn.state));
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    sessionStorage.removeItem(KEY); // full: the conversation lives until the reload
  }
}

function restore() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
  }
}
