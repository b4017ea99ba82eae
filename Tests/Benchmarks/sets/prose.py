"""Paragraphs of prose out of HTML."""

import html.parser
import re

# Elements that end the paragraph before them and begin a new one.
BLOCKS = frozenset(
    "p li dd dt td th div section article blockquote h1 h2 h3 h4 h5 h6 table tr ul ol dl br hr body main".split()
)
# What is in them is not prose of the page.
SKIPPED = frozenset("script style pre nav header footer head svg form button h1 h2 h3 h4 h5 h6 dt th table".split())
SKIPPED_CLASSES = re.compile(
    r"(^|\s)(navheader|navfooter|sphinxsidebar|related|footer|header|highlight\S*|toc|breadcrumbs?|menu|nav|navigation|copyright)(\s|$)"
)
VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())


class Paragraphs(html.parser.HTMLParser):
    """`paragraphs` after `feed` and `close`: white space collapsed, in the order of the page."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.paragraphs, self.words = [], []
        self.skipped = []  # open elements since the first one that is skipped

    def handle_starttag(self, tag, attributes):
        if tag in BLOCKS:
            self.end_paragraph()
        if tag in VOID:
            return
        if self.skipped:
            self.skipped.append(tag)
        elif tag in SKIPPED or any(
            name in ("class", "role", "id") and value and SKIPPED_CLASSES.search(value) for name, value in attributes
        ):
            self.skipped = [tag]

    def handle_endtag(self, tag):
        if tag in BLOCKS:
            self.end_paragraph()
        if tag in self.skipped:
            # Elements left open inside end with it.
            while self.skipped.pop() != tag:
                pass

    def handle_data(self, data):
        if not self.skipped:
            self.words.append(data)

    def end_paragraph(self):
        text = " ".join("".join(self.words).replace("\u00b6", " ").split())
        self.words = []
        if len(text) >= 40:
            self.paragraphs.append(text)

    def close(self):
        super().close()
        self.end_paragraph()


def paragraphs(page):
    parser = Paragraphs()
    parser.feed(page)
    parser.close()
    return parser.paragraphs
