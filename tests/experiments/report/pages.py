"""What tests of pages need: a store of noise, and a page as a parser sees it."""

from html.parser import HTMLParser

import numpy as np


class Store:
    """Clips of noise."""

    def read(self, clip_id, passes):
        assert tuple(passes) == ("frames",)
        return {"frames": np.random.default_rng(len(clip_id)).integers(0, 255, (8, 24, 32, 3), dtype=np.uint8)}


class Page(HTMLParser):
    """Ids, attributes by tag, open tags, and the text outside of style and script."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.tags, self.text, self.open = [], [], "", []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if "id" in dict(attrs):
            self.ids.append(dict(attrs)["id"])
        if tag not in ("meta", "img", "path", "br", "link"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += data

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]
