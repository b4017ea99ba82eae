"""The register of cases: `@case("what holds")` on functions that get the `World`."""
from dataclasses import dataclass, field
from pathlib import Path

CASES = []


@dataclass
class World:
    """What a case has at hand."""

    browser: object
    app: object        # the running MyApp
    database: object   # the running Server
    folder: Path       # for files
    start_app: object  # start_app(**environment) is another MyApp on the same database and collection
    facts: dict = field(default_factory=dict)

    def page(self, hash_="", fresh=True):
        address = f"{self.app.url}/{hash_}"
        (self.browser.fresh_tab if fresh else self.browser.open)(address)

    def file(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def upload(self, *paths):
        """Adds files at the library page and waits until all are dealt with; their rows as (name, status, text)."""
        browser = self.browser
        self.page("#/library")
        browser.wait("the limits are known", "return document.querySelector('#dropzone-limits').textContent.includes('MB')")
        browser.give_files("#file-input", *paths)
        browser.wait("all files are dealt with", """
          const rows = [...document.querySelectorAll('.queue-row')];
          return rows.length >= arguments[0] && rows.every(row => 'finished' in row.dataset)""", len(paths), seconds=120)
        return browser.run("""return [...document.querySelectorAll('.queue-row')].map(row =>
          [row.querySelector('.queue-name').textContent, row.dataset.status, row.innerText])""")

    def ask(self, question):
        """Asks on the page that is open; the turn's state and answer when it is over."""
        browser = self.browser
        before = browser.run("return document.querySelectorAll('.turn').length")
        browser.fill("#ask-input", question + "\n")
        browser.wait("the answer is whole", """
          const turns = document.querySelectorAll('.turn');
          return turns.length > arguments[0] && !['searching', 'writing'].includes([...turns].at(-1).dataset.state)""",
                     before, seconds=90)
        return browser.run("""const turn = [...document.querySelectorAll('.turn')].at(-1);
          return {state: turn.dataset.state, answer: turn.querySelector('.answer').textContent,
                  meta: turn.querySelector('.turn-meta').textContent,
                  searched: turn.querySelector('.searched').textContent,
                  notices: [...turn.querySelectorAll('.notice')].map(e => e.textContent),
                  citations: [...turn.querySelectorAll('.answer .citation')].map(e => Number(e.dataset.n))}""")


def case(title):
    def register(function):
        CASES.append((title, function))
        return function
    return register


def equal(found, wanted, what):
    assert found == wanted, f"{what}: {found!r}, not {wanted!r}"


def within(part, whole, what):
    assert part in whole, f"{what}: no {part!r} in {whole!r}"
