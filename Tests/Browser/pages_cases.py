"""Searching, moving about by keyboard, small windows, dark ones, and the smaller uses of the collection."""
import json

from browser import Keys
from cases import case, equal, within

QUESTION = "dancing to show the way to flowers"
VIEWS = ["#/search", f"#/search?q={QUESTION.replace(' ', '+')}",
         f"#/search?q={QUESTION.replace(' ', '+')}&mode=compare", "#/ask", "#/library", "#/similar", "#/classify",
         "#/duplicates", "#/document?source=nature%2Fbees.md"]


def wait_for_hits(browser):
    browser.wait("passages are found", """return document.querySelector('#search-results [data-hit]')
      && !document.querySelector('#search-results[aria-busy]')""")


@case("search: results come while typing, matched words are marked, the address holds it all")
def search_while_typing(world):
    browser = world.browser
    world.page()
    browser.element("#search-results .example")
    browser.screenshot("empty")
    browser.element("#search-input").send_keys(QUESTION)
    wait_for_hits(browser)
    browser.wait("the dance is among the first three", """return [...document.querySelectorAll('[data-hit] h3')].slice(0, 3)
      .some(e => e.textContent.includes('dance'))""")
    within("flowers", "".join(browser.texts("#search-results mark")).lower(), "marked words")
    browser.wait("the figures are shown", "return / ms/.test(document.querySelector('#search-figures').textContent)")
    within("q=dancing+to+show", browser.run("return location.hash"), "address")
    before = browser.texts("[data-hit] h3")
    browser.screenshot("search")
    browser.reload()
    wait_for_hits(browser)
    equal(browser.texts("[data-hit] h3"), before, "passages after a reload")
    equal(browser.run("return document.querySelector('#search-input').value"), QUESTION, "question after a reload")


@case("search: a topic's chip narrows the results and tells how many it holds")
def topic_chips(world):
    browser = world.browser
    world.page("#/search?q=winter")
    wait_for_hits(browser)
    browser.click("#search-topics [data-topic=nature]")
    browser.wait("only nature is left", """const sources = [...document.querySelectorAll('[data-hit] .source')];
      return sources.length && sources.every(e => e.textContent.startsWith('nature/'))""")
    within("topic=nature", browser.run("return location.hash"), "address")
    count = next(topic["passages"] for topic in world.app.json("/api/status")["topics"] if topic["name"] == "nature")
    equal(browser.text("#search-topics [data-topic=nature] .chip-count"), str(count), "count on the chip")
    equal(browser.run("return document.querySelector('[data-topic=nature]').getAttribute('aria-pressed')"), "true", "chip")


@case("search: its tab leads back to the last search from elsewhere, and begins anew from there")
def tab_remembers(world):
    browser = world.browser
    world.page(VIEWS[1])
    wait_for_hits(browser)
    browser.click("#tab-library")
    browser.element(".document-row")
    browser.click("#tab-search")
    wait_for_hits(browser)
    equal(browser.run("return document.querySelector('#search-input').value"), QUESTION, "question")
    browser.click("#tab-search")
    browser.element("#search-results .example")


@case("search: a word that nobody wrote is found by no words, and says so")
def nothing_found(world):
    browser = world.browser
    world.page("#/search?q=zxqvbnmw&mode=keyword")
    within("Nothing found", browser.element("#search-results .message").text, "message")


@case("search: side by side has three columns, which know each other's ranks")
def side_by_side(world):
    browser = world.browser
    world.page(VIEWS[1])
    wait_for_hits(browser)
    browser.click("#search-mode label:last-of-type")
    browser.wait("three columns", "return document.querySelectorAll('.column .hits').length === 3")
    equal(browser.texts(".column h2"), ["Meaning", "Words", "Both"], "columns")
    tops = browser.run("return [...document.querySelectorAll('.column')].map(e => Math.round(e.getBoundingClientRect().top))")
    equal(len(set(tops)), 1, "columns stand beside each other")
    assert any("Words" in note for note in browser.texts(".column:first-child .note")), "no rank of another column"
    within("mode=compare", browser.run("return location.hash"), "address")
    browser.screenshot("side-by-side")


@case("keyboard: from the field through the results into a document and back, without a mouse")
def keyboard_only(world):
    browser = world.browser
    world.page("#/classify")
    browser.element("#classify-input")
    browser.run("document.activeElement.blur(); document.querySelector('#tab-classify').focus()")
    browser.keys(Keys.HOME)
    browser.wait("the first tab is shown", "return document.activeElement.id === 'tab-search' && !document.querySelector('#search').hidden")
    equal(browser.run("return document.querySelector('#tab-search').getAttribute('aria-selected')"), "true", "tab")
    browser.keys("/")
    browser.wait("the field has the focus", "return document.activeElement.id === 'search-input'")
    browser.keys(QUESTION)
    wait_for_hits(browser)
    browser.wait("the answer to all of it", "return location.hash.includes('to+flowers')")
    browser.keys(Keys.ARROW_DOWN)
    rank = "return [...document.querySelectorAll('[data-hit]')].indexOf(document.activeElement)"
    browser.wait("the first has the focus", f"{rank} === 0")
    outline = browser.focused("getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth")
    assert outline != "none0px" and not outline.endswith(" 0px"), f"the focus cannot be seen: {outline}"
    browser.keys("j")
    browser.keys(Keys.ARROW_DOWN)
    browser.keys("k")
    browser.wait("the second has the focus", f"{rank} === 1")
    wanted = browser.focused("e.querySelector('h3').textContent")
    identity = browser.focused("e.dataset.hit")
    browser.screenshot("keyboard")
    browser.keys(Keys.ENTER)
    browser.element("#highlight")
    passage = world.app.json(f"/api/passage?id={identity}")["passage"]["text"]
    equal(browser.text("#highlight"), passage, "highlighted passage")
    browser.keys(Keys.ESCAPE)
    wait_for_hits(browser)
    browser.wait("back at the second", f"{rank} === 1")
    equal(browser.focused("e.querySelector('h3').textContent"), wanted, "the passage gone back to")
    browser.keys("+")
    browser.wait("it is gathered", "return document.querySelector('#basket-text').textContent === '1 liked'")
    browser.keys(Keys.ESCAPE)
    browser.wait("back in the field", "return document.activeElement.id === 'search-input'")
    browser.keys(Keys.TAB)
    browser.keys("?")
    browser.wait("the keys are listed", "return document.querySelector('#keys-dialog').open")
    browser.keys(Keys.ESCAPE)
    browser.wait("the list is closed", "return !document.querySelector('#keys-dialog').open")


@case("similar: more like this, with likes and dislikes, in the address")
def similar(world):
    browser = world.browser
    world.page(VIEWS[1])
    wait_for_hits(browser)
    hits = browser.elements("#search-results [data-hit]")
    first, second = (hit.get_attribute("data-hit") for hit in hits[:2])
    hits[0].find_element("css selector", "[data-action=liked]").click()
    hits[1].find_element("css selector", "[data-action=disliked]").click()
    equal(browser.element("#basket-text").text, "1 liked, 1 disliked", "gathered")
    browser.click("#basket-open")
    browser.wait("passages are found", "return document.querySelector('#similar-results [data-hit]')")
    found = browser.run("return [...document.querySelectorAll('#similar-results [data-hit]')].map(e => e.dataset.hit)")
    assert first not in found and second not in found, "the examples are among the results"
    within(first, browser.run("return decodeURIComponent(location.hash)"), "address")
    browser.screenshot("similar")
    browser.reload()
    browser.wait("the same after a reload", """
      return JSON.stringify([...document.querySelectorAll('#similar-results [data-hit]')].map(e => e.dataset.hit)) === arguments[0]""",
                 json.dumps(found, separators=(",", ":")))
    browser.click("#disliked button")
    browser.wait("none is disliked", "return document.querySelector('#disliked').textContent === 'none'")


@case("classify: a text about bees is nature, and its neighbours are shown")
def classify(world):
    browser = world.browser
    world.page("#/classify")
    browser.fill("#classify-input", "The hive was busy: workers came home with pollen and danced on the comb for the others.")
    browser.click("#classify-form [type=submit]")
    equal(browser.element(".verdict-label").text.lower(), "nature", "topic")
    assert browser.elements(".vote-fill"), "no votes"
    assert browser.elements("#classify-result [data-hit]"), "no neighbours"
    browser.screenshot("classify")


@case("phone: no view is wider than a window of 390 or 360 pixels")
def phone(world):
    browser = world.browser
    for width, height in [(390, 844), (360, 740)]:
        browser.size(width, height, phone=True)
        for number, view in enumerate([*VIEWS, "docs"]):
            world.page(view, fresh=False)
            browser.wait("something is shown", """return document.body.innerText.length > 100
              && !document.querySelector('[aria-busy]')""")
            browser.wait("it is loaded", "return !/Opening …|Reading the description/.test(document.body.innerText)")
            equal(browser.overflow() <= 0, True, f"{view} fits in {width} pixels (over by {browser.overflow()})")
            if width == 390:
                browser.screenshot(f"phone-{number}")
    browser.size(390, 844, phone=True)
    world.page(VIEWS[2], fresh=False)
    browser.element(".column")
    lefts = browser.run("return [...document.querySelectorAll('.column')].map(e => Math.round(e.getBoundingClientRect().left))")
    equal(len(set(lefts)), 1, "columns stand below each other on a phone")


@case("colours: dark when the system is, the button changes it and it is kept; contrast is AA in both")
def colours(world):
    browser = world.browser
    lightness = "const c = getComputedStyle(document.body).backgroundColor.match(/\\d+/g); return Number(c[0]) + Number(c[1]) + Number(c[2])"
    texts = ("p, h1, h2, h3, a, button:not(:disabled), label, mark, .muted, .path, .source, .score-text, .chip-count, "
             ".figures, small, .tag, .citation, .rank")
    for scheme in ["light", "dark"]:
        browser.scheme(scheme)
        for view in [VIEWS[1], "#/library", "#/ask", "#/document?source=nature%2Fbees.md", "docs"]:
            world.page(view)
            browser.wait("it is loaded", "return document.body.innerText.length > 200 && !document.querySelector('[aria-busy]')")
            equal(browser.run(lightness) < 200, scheme == "dark", f"{view} is {scheme}")
            lowest = browser.contrast(texts)
            assert lowest >= 4.5, f"{view}, {scheme}: a contrast of {lowest:.2f}"
        world.page(VIEWS[1])
        wait_for_hits(browser)
        browser.screenshot(f"colours-{scheme}")
    browser.click("#theme-button")
    assert browser.run(lightness) > 500, "the button did not make it light"
    browser.reload()
    assert browser.run(lightness) > 500, "the choice was forgotten"
    browser.click("#theme-button")
    assert browser.run(lightness) < 200, "the button did not make it dark again"


@case("marks of structure: language, landmarks, labels, tabs")
def structure(world):
    browser = world.browser
    world.page()
    browser.element("#search-results .example")
    equal(browser.run("return document.documentElement.lang"), "en", "language")
    for landmark in ["header", "nav", "main", "footer"]:
        assert browser.elements(landmark), f"no {landmark}"
    unnamed = browser.run("""return [...document.querySelectorAll('input, select, textarea, button')].filter(e =>
      !e.labels?.length && !e.getAttribute('aria-label') && !e.textContent.trim()).map(e => e.outerHTML)""")
    equal(unnamed, [], "controls without a name")
    equal(browser.run("return [...document.querySelectorAll('[aria-controls], [aria-labelledby]')].flatMap(e =>"
                      " (e.getAttribute('aria-controls') ?? e.getAttribute('aria-labelledby')).split(' '))"
                      ".filter(id => !document.getElementById(id) && id !== 'ask-source-title')"), [], "ids that lead nowhere")
    equal(browser.run("return document.querySelectorAll('[role=tab][aria-selected=true]').length"), 1, "selected tabs")
    ids = browser.run("return [...document.querySelectorAll('[id]')].map(e => e.id)")
    equal(len(ids), len(set(ids)), "ids are unique")


@case("API page: shows every operation of openapi.json")
def api_page(world):
    browser = world.browser
    world.page("docs")
    browser.element(".operation")
    paths = world.app.json("/openapi.json")["paths"]
    equal(browser.run("return document.querySelectorAll('.operation').length"),
          sum(1 for item in paths.values() for method in item if method in ("get", "post", "put", "delete")), "operations")
    assert not browser.elements(".message.error"), "the page shows an error"
    browser.screenshot("api")


@case("away: without its database the page says so, and recovers by itself")
def database_away(world):
    browser = world.browser
    world.page(VIEWS[1])
    wait_for_hits(browser)
    world.database.stop()
    try:
        browser.fill("#search-input", "a ship in a storm")
        browser.element("#search-results .message.error")
        browser.wait("the banner tells", "return /away|does not answer/.test(document.querySelector('#banner').innerText)")
        browser.screenshot("away")
    finally:
        world.database.start()
    browser.wait("the results are back", "return document.querySelector('#search-results [data-hit]')", seconds=60)
    browser.wait("the banner is gone", "return document.querySelector('#banner').hidden", seconds=60)
