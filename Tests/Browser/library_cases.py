"""Adding documents, asking what they say, and taking them away; files that mean harm."""
import shutil
from urllib.parse import quote

from cases import case, equal, within
from services import make_pdf

FACT = ("The lighthouse of Vellanport was painted turquoise in 1874 by its keeper Osbert Quillfeather, who had ordered "
        "white and would not send the barrels back.")
NOTES = f"""# Harbour notes

Odds and ends about the harbour of Vellanport, kept by its harbour office.

## The colour of the light

{FACT}

## The bell buoy

The bell buoy off Vellanport weighs nine hundred kilograms and is hauled ashore every third spring for scraping.
"""
QUESTION = "What colour did Osbert Quillfeather paint the lighthouse of Vellanport?"
EVIL_MARKUP = """<script>window.hacked = 1</script></script><img src=x onerror="window.hacked = 2">"""


def upload_notes(world):
    """Once; later cases find them there."""
    if "notes" not in world.facts:
        [(name, status, text)] = world.upload(world.file("harbour-notes.md", NOTES))
        equal((name, status), ("harbour-notes.md", "added"), "what came of the file")
        world.facts["notes"] = text


def highlight_is_passage(world, passage):
    """The document view highlights just this passage, and has scrolled to it."""
    browser = world.browser
    browser.element("#highlight")
    equal(browser.text("#highlight"), passage, "highlighted text")
    seen = browser.run("""const box = document.querySelector('#highlight').getBoundingClientRect();
      return box.bottom > 0 && box.top < innerHeight""")
    assert seen, "the highlight is out of sight"


@case("library: an uploaded file tells its passages, and is searched at once")
def upload_and_search(world):
    browser = world.browser
    upload_notes(world)
    within("passage", world.facts["notes"], "what is told of the file")
    within("character", world.facts["notes"], "what is told of the file")
    browser.screenshot("library")
    world.page("#/search?q=who+painted+the+lighthouse+of+Vellanport")
    browser.wait("the fact comes first", """return document.querySelector('[data-hit] .passage')?.textContent
      .includes('turquoise')""")
    browser.reload()
    browser.wait("it is found again", """return document.querySelector('[data-hit] .passage')?.textContent
      .includes('turquoise')""")
    [(_, status, _)] = world.upload(world.file("harbour-notes.md", NOTES))
    equal(status, "unchanged", "the same file again")


@case("ask: an answer from an uploaded file, its citation leads to the highlighted passage")
def ask_and_follow(world):
    browser = world.browser
    upload_notes(world)
    world.page("#/ask")
    turn = world.ask(QUESTION)
    equal(turn["state"], "answered", "state")
    within("turquoise", turn["answer"], "answer")
    within("without a language model", turn["meta"], "how it was made")
    assert turn["citations"], "no citation"
    browser.click(".answer .citation")
    browser.element("#ask-source mark")
    passage = browser.text("#ask-source mark")
    within(FACT, passage, "highlighted in the panel")
    stored = world.app.json("/api/search?mode=keyword&limit=1&q=Quillfeather")["results"]["keyword"][0]
    equal(passage, stored["text"], "highlighted in the panel")
    browser.screenshot("ask")
    browser.click("#source-document")
    highlight_is_passage(world, stored["text"])
    browser.screenshot("document")
    browser.reload()
    highlight_is_passage(world, stored["text"])
    browser.driver.back()
    browser.wait("the conversation is still there", "return document.querySelector('.turn .answer')?.textContent.includes('turquoise')")
    browser.reload()
    browser.wait("also after a reload", "return document.querySelector('.turn .answer')?.textContent.includes('turquoise')")
    browser.click("#ask-new")
    browser.wait("a new conversation is empty", "return !document.querySelector('.turn')")


@case("ask: what nothing answers is refused kindly, with what comes nearest")
def refusal(world):
    browser = world.browser
    world.page("#/ask")
    turn = world.ask("Which football club did the goalkeeper of Ruritania transfer to in January?")
    equal((turn["state"], turn["citations"]), ("refused", []), "state and citations")
    assert browser.elements(".turn .source-button"), "no nearest passages"
    browser.screenshot("refused")


@case("ask: an answer that breaks off says so, keeps the question, and can be asked again")
def broken_answer(world):
    browser = world.browser
    world.page("#/ask")
    world.database.stop()
    try:
        turn = world.ask("How do bees make honey?")
        equal(turn["state"], "failed", "state")
        assert turn["meta"].strip().endswith("Ask again"), f"no way to ask again: {turn['meta']}"
    finally:
        world.database.start()
    browser.wait("the banner is gone", "return document.querySelector('#banner').hidden", seconds=60)
    browser.click(".turn-meta button")
    browser.wait("it is answered", "return document.querySelector('.turn').dataset.state === 'answered'", seconds=60)
    equal(len(browser.elements(".turn")), 1, "turns")


@case("library: a PDF's text is found, with its page")
def pdf(world):
    browser = world.browser
    if not shutil.which("pdftotext"):
        print("        (left out: no pdftotext here)")
        return
    [(_, status, text)] = world.upload(
        world.file("ferry.pdf", make_pdf("The ferry bell of Mondragora weighs 311 kilograms and was cast by two sisters.")))
    equal(status, "added", "what came of the PDF")
    within("1 page", text, "what is told of the PDF")
    world.page("#/search?q=weight+of+the+Mondragora+ferry+bell")
    browser.wait("the page comes first", """const hit = document.querySelector('[data-hit]');
      return hit && hit.innerText.includes('311 kilograms') && hit.innerText.includes('page 1')""")


@case("library: files that give nothing say why; others in the same go are added")
def nothing_in_it(world):
    rows = {name: (status, text) for name, status, text in world.upload(
        world.file("empty.txt", ""), world.file("noise.txt", bytes(range(256)) * 40),
        world.file("short.txt", "The kiosk of Lower Brambly sells nothing but left-handed scissors."))}
    equal({name: status for name, (status, _) in rows.items()},
          {"empty.txt": "failed", "noise.txt": "failed", "short.txt": "added"}, "what came of the files")
    for name in ("empty.txt", "noise.txt"):
        assert len(rows[name][1].splitlines()) >= 3, f"no reason for {name}: {rows[name][1]!r}"


@case("library: files dropped anywhere on the page are added, folders by the picker with their paths")
def drop_and_folder(world):
    browser = world.browser
    world.page("#/search")
    browser.element("#search-results .example")
    browser.run("""const files = new DataTransfer();
      files.items.add(new File(['The weathercock of Trestleby turns only on Sundays, when its keeper oils it.'], 'dropped.txt'));
      document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: files, bubbles: true, cancelable: true}))""")
    browser.wait("it is added", "return document.querySelector('.queue-row')?.dataset.status === 'added'", seconds=60)
    folder = world.file("harbours/north/quay.md", "# The north quay\n\nThe north quay of Vellanport is paved with ballast.\n").parent.parent
    world.file("harbours/.hidden", "not this")
    browser.give_files("#folder-input", folder)
    browser.wait("the folder's file is added", """return [...document.querySelectorAll('.queue-row')].some(row =>
      row.dataset.status === 'added' && row.querySelector('.queue-name').textContent === 'harbours/north/quay.md')""", seconds=60)
    browser.wait("the hidden one is left out", """return [...document.querySelectorAll('.queue-row')].some(row =>
      row.innerText.includes('hidden file'))""")


@case("library: an address that may not be fetched says why")
def refused_address(world):
    browser = world.browser
    world.page("#/library")
    browser.fill("#url-input", "http://127.0.0.1:1/secret\nnot-an-address")
    browser.click("#url-send")
    browser.wait("both say why", """const rows = [...document.querySelectorAll('.queue-row')];
      return rows.length === 2 && rows.every(row => row.dataset.status === 'failed' && row.querySelector('.queue-detail').textContent)""", seconds=60)


@case("harm: scripts in text, file name and title stay text, wherever they are shown")
def hostile(world):
    browser = world.browser
    name = "<img src=x onerror=window.hacked=3>.md"
    text = (f"# Title {EVIL_MARKUP}\n\n## Section {EVIL_MARKUP}\n\nThe grumbling kettle of Ostrava {EVIL_MARKUP} hums at "
            "dawn. [press here](javascript:window.hacked=4) and ![x](javascript:window.hacked=5) "
            "<a href=\"javascript:window.hacked=6\">or here</a> <svg onload=window.hacked=7> <style>*{display:none}</style>\n"
            f"\n## `{EVIL_MARKUP}`\n\n```\nThe muttering kettle of Opava {EVIL_MARKUP}\n```\n")
    plain = f"{EVIL_MARKUP} the humming kettle\n\nThe humming kettle of Olomouc {EVIL_MARKUP} boils at noon, <b onclick=window.hacked=10>always</b>.\n"
    page = (f"<!doctype html><title>Page {EVIL_MARKUP.replace('<', '&lt;')}</title><h1>Kettle page &lt;script&gt;</h1>"
            "<p>The whistling kettle of Brno &lt;img src=x onerror=window.hacked=8&gt; sings at dusk.</p>"
            "<a href='javascript:window.hacked=9'>link</a>")
    rows = world.upload(world.file(name, text), world.file("kettle.html", page), world.file("kettle.txt", plain))
    equal([row for row in rows if row[1] != "added"], [], "what was not added")
    within(name, [row[0] for row in rows], "names in the queue")
    source = next(each["source"] for each in world.app.json("/api/documents?limit=1000")["documents"] if "onerror" in each["source"])
    browser.fill("#documents-filter", "kettle")
    browser.fill("#documents-filter", "onerror")
    browser.wait("it is listed", "return document.querySelector('.document-row')?.innerText.includes('<img src=x onerror')")
    harmless(browser, "library")
    browser.click(".document-row [aria-label^=Remove]")
    browser.wait("the dialog asks", "return document.querySelector('#confirm-dialog').open")
    harmless(browser, "dialog")
    for view in ["#/search?q=grumbling+kettle+of+Ostrava", "#/search?q=grumbling+kettle+of+Ostrava&mode=compare",
                 f"#/search?q=kettle&source={quote(source)}", f"#/document?source={quote(source)}", "#/search?q=whistling+kettle+of+Brno", "#/search?q=muttering+kettle+of+Opava&mode=compare",
                 "#/document?source=kettle.txt", "#/document?source=kettle.html",
                 "#/document?source=%3Cimg%20src%3Dx%20onerror%3Dwindow.hacked%3D1%3E", "#/search?q=%3Cimg%20src%3Dx%20onerror%3Dwindow.hacked%3D1%3E",
                 "#/search?topic=%3Cscript%3Ewindow.hacked%3D1%3C%2Fscript%3E&q=x"]:
        world.page(view)
        browser.wait("something is shown", "return document.querySelector('[data-hit], .document-text, .message')")
        harmless(browser, view)
    world.page("#/search?q=humming+kettle+of+Olomouc")
    browser.wait("its markup is shown as text", """return document.querySelector('[data-hit] .passage')?.textContent
      .includes('onerror="window.hacked = 2"')""")
    browser.screenshot("harm")
    identity = browser.run("return document.querySelector('[data-hit]').dataset.hit")
    world.page(f"#/similar?like={identity}")
    browser.wait("it is gathered", "return document.querySelector('#liked a')")
    harmless(browser, "similar")
    world.page("#/ask")
    turn = world.ask("When does the humming kettle of Olomouc boil?")
    if turn["citations"]:
        browser.click(".answer .citation")
        browser.element("#ask-source mark")
    harmless(browser, "ask")
    world.page("#/classify")
    browser.fill("#classify-input", "The humming kettle of Olomouc boils at noon.")
    browser.click("#classify-form [type=submit]")
    browser.element("#classify-result [data-hit], #classify-result .message")
    harmless(browser, "classify")


def harmless(browser, where):
    equal(browser.run("return window.hacked ?? null"), None, f"{where}: what a script of the file has set")
    equal(browser.breaches(), [], f"{where}: breaches of the content policy")
    found = browser.run("""return [...document.querySelectorAll('main script, main style, main svg, main img, main iframe,'
      + ' [onerror], [onload], [href^="javascript:" i]')].map(e => e.outerHTML)""")
    equal(found, [], f"{where}: elements of the file")


@case("library: a document is removed after asking, and no longer found")
def removal(world):
    browser = world.browser
    [(_, status, _)] = world.upload(world.file("brief.txt", "The toll bridge of Gannetsford charged geese by the pair until 1911."))
    equal(status, "added", "what came of the file")
    row = ".document-row[data-source='brief.txt']"
    browser.click(f"{row} [aria-label^=Remove]")
    browser.wait("the dialog asks", "return document.querySelector('#confirm-dialog').open")
    browser.screenshot("remove")
    browser.click("#confirm-dialog button[value=no]")
    browser.wait("the dialog is closed", "return !document.querySelector('#confirm-dialog').open")
    browser.element(row)
    browser.click(f"{row} [aria-label^=Remove]")
    browser.click("#confirm-yes")
    browser.wait("it is gone from the list", "return !document.querySelector(arguments[0])", row)
    world.page("#/search?q=toll+bridge+of+Gannetsford+geese")
    browser.wait("others are found", "return document.querySelector('[data-hit]')")
    assert "Gannetsford" not in "".join(browser.texts("[data-hit] .passage")), "it is still found"
    world.page("#/document?source=brief.txt")
    within("No such document", browser.element("#document .message").text, "its page")


@case("library: with an administrator's token the page asks for it, once, and keeps it for the tab")
def token(world):
    browser = world.browser
    with world.start_app(MYAPP_ADMIN_TOKEN="open-sesame-42") as app:
        browser.fresh_tab(f"{app.url}/#/library")
        browser.wait("it is announced", "return document.querySelector('#dropzone-limits').textContent.includes('token')")
        browser.give_files("#file-input", world.file("guarded.txt", "The archive of Pellworth is opened with two keys at noon."),
                           world.file("guarded-2.txt", "The second key of Pellworth hangs in the bakery."))
        browser.wait("the dialog asks", "return document.querySelector('#token-dialog').open")
        browser.fill("#token-input", "wrong\n")
        browser.wait("it asks again", """return document.querySelector('#token-dialog').open
          && document.querySelector('#token-text').textContent.includes('not accepted')""")
        browser.fill("#token-input", "open-sesame-42\n")
        browser.wait("both are added", "return document.querySelectorAll('.queue-row[data-status=added]').length === 2", seconds=60)
        browser.click(".document-row[data-source='guarded.txt'] [aria-label^=Remove]")
        browser.click("#confirm-yes")
        browser.wait("it is removed without asking", "return !document.querySelector(\".document-row[data-source='guarded.txt']\")")
        assert not browser.run("return document.querySelector('#token-dialog').open"), "the token was asked for again"
        breaches = browser.breaches()
    equal(breaches, [], "breaches of the content policy")


@case("duplicates: two nearly equal texts are a pair, their differing words marked")
def duplicates(world):
    browser = world.browser
    text = "The millrace at Underhollow was dug by {} brothers in a single winter and still turns the wheel of the old paper mill."
    world.upload(world.file("mill-a.txt", text.format("seven")), world.file("mill-b.txt", text.format("eight")))
    world.page("#/duplicates?threshold=0.90")
    browser.wait("the pair is found", """return [...document.querySelectorAll('.pair')].some(e => e.innerText.includes('Underhollow'))""", seconds=120)
    browser.wait("it is over", "return document.querySelector('#duplicates-progress').hidden", seconds=120)
    marks = browser.run("""return [...[...document.querySelectorAll('.pair')].find(e => e.innerText.includes('Underhollow'))
      .querySelectorAll('.differs')].map(e => e.textContent)""")
    equal(sorted(marks), ["eight", "seven"], "marked words")
    browser.screenshot("duplicates")
