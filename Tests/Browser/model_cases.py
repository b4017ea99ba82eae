"""Answers of a language model: streamed, cited, stopped, and what happens when the model's server fails."""
import json

from cases import case, equal, within
from chat_server import ANSWER, OPENING, REWRITTEN, ChatServer

QUESTION = "How do honeybees turn nectar into honey?"
KEY = "sk-stand-in-key"
PATIENCE = 2  # seconds the app waits for a silent model


class Model:
    """The app with the stand-in behaving in one way, opened at the questions."""

    def __init__(self, world, behaviour):
        self.world = world
        self.chat = ChatServer()
        self.app = world.start_app(
            OPENAI_BASE_URL=self.chat.url, OPENAI_API_KEY=KEY, OPENAI_MODEL=behaviour, MYAPP_CHAT_TIMEOUT=str(PATIENCE))

    def __enter__(self):
        self.chat.__enter__()
        try:
            self.app.__enter__()
            self.world.browser.fresh_tab(f"{self.app.url}/#/ask")
        except BaseException:
            self.chat.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            equal(self.world.browser.breaches(), [], "breaches of the content policy")
            equal(self.world.browser.script_errors(), [], "errors of scripts")
        finally:
            self.world.browser.driver.get("about:blank")
            self.app.__exit__()
            self.chat.__exit__()


@case("model: an answer with a citation; the prompt holds the passages, the key is sent; a follow-up is rewritten")
def answer(world):
    browser = world.browser
    with Model(world, "answer") as model:
        turn = world.ask(QUESTION)
        equal(turn["state"], "answered", "state")
        equal(turn["answer"].split(), ANSWER.split(), "answer")
        within("Written by the language model", turn["meta"], "how it was made")
        equal((turn["citations"], turn["notices"]), ([1], []), "citations and notices")
        [request] = model.chat.requests
        equal(request["authorization"], f"Bearer {KEY}", "key")
        equal(request["body"]["stream"], True, "streamed")
        prompt = "\n".join(message["content"] for message in request["body"]["messages"])
        within(QUESTION, prompt, "prompt")
        browser.click(".answer .citation")
        browser.element("#ask-source mark")
        passage = browser.text("#ask-source mark")
        within(passage.split(".")[0], prompt, "prompt")
        browser.screenshot("model")
        follow = world.ask("And in winter?")
        within(REWRITTEN, follow["searched"], "what was searched")
        rewriting = model.chat.requests[1]["body"]
        assert not rewriting.get("stream"), "the rewriting was streamed"
        within(QUESTION, json.dumps(rewriting["messages"]), "what the rewriting was told")
        browser.screenshot("follow-up")


@case("model: a citation out of range is no link")
def out_of_range(world):
    with Model(world, "out-of-range"):
        turn = world.ask(QUESTION)
        equal((turn["state"], turn["citations"]), ("answered", [1]), "state and links")
        within("[99]", turn["answer"], "answer")


@case("model: a slow answer grows before one's eyes, and Stop stops it, at the model's server too")
def slow(world):
    browser = world.browser
    with Model(world, "slow") as model:
        browser.fill("#ask-input", QUESTION + "\n")
        browser.wait("it has begun", "return document.querySelector('.turn .answer')?.textContent.length > 10")
        length = browser.run("return document.querySelector('.turn .answer').textContent.length")
        browser.wait("it grows", "return document.querySelector('.turn .answer').textContent.length > arguments[0]", length)
        equal(browser.run("return document.querySelector('.turn').dataset.state"), "writing", "state")
        equal(browser.run("return document.querySelector('.turn .answer').getAttribute('aria-busy')"), "true", "busy")
        browser.screenshot("writing")
        browser.click("#ask-stop")
        browser.wait("it is stopped", "return document.querySelector('.turn').dataset.state === 'stopped'")
        within(OPENING.split()[0], browser.text(".turn .answer"), "what had come")
        assert browser.element("#ask-send").is_enabled(), "nothing more can be asked"
        assert model.chat.left.wait(20), "the model goes on writing for nobody"


def falls_back(world, behaviour):
    with Model(world, behaviour):
        turn = world.ask(QUESTION)
        equal(turn["state"], "answered", "state")
        equal(len(turn["notices"]), 1, "notices")
        within("without a language model", turn["meta"], "how it was made")
        assert OPENING not in turn["answer"], f"the model's half answer was kept: {turn['answer']!r}"
        assert turn["citations"], "no citation"
        world.browser.screenshot(f"model-{behaviour}")


FAILURES = {
    "error-500": "answers 500",
    "error-429": "answers 429",
    "malformed": "sends an event that is not JSON",
    "cut": "closes the connection midway",
    "hang": "falls silent after the head",
    "hang-silent": "says nothing at all",
}

for behaviour, words in FAILURES.items():
    def failing(world, behaviour=behaviour):
        falls_back(world, behaviour)
    failing.__name__ = f"model_{behaviour}".replace("-", "_")
    case(f"model: when its server {words}, sentences are quoted instead, with a notice")(failing)


@case("model: when the rewriting of a follow-up fails, it is answered all the same")
def rewriting_fails(world):
    with Model(world, "misled"):
        world.ask(QUESTION)
        turn = world.ask("And what do honeybees do with it in winter?")
        assert turn["state"] in ("answered", "refused"), f"state: {turn['state']}"
