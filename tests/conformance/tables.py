"""The tables of schemas/ from the corpus's JSON, and back. One scribe makes and reads those of all languages: the
runner of C, for both are functions of the library.
"""

import functools
import json

from compare import parse, raw
from runner import Failure, bytes_of, word_of


class Tables:
    def __init__(self, scribe):
        self.scribe = scribe
        # Scenarios ask for the same ones over and over, and so do the languages.
        self._make = functools.lru_cache(maxsize=20000)(self._make)
        self._text = functools.lru_cache(maxsize=20000)(self._text)

    def make(self, name, fields):
        """The bytes of a table of the corpus. Failure where the library refuses to make it."""
        if (given := raw(fields)) is not None:
            return given
        return self._make(name, json.dumps({field: self._field(one) for field, one in (fields or {}).items()}))

    def _field(self, one):
        if isinstance(one, dict) and "$table" in one:
            return {"$bytes": word_of(self.make(*one["$table"]))[1:]}
        return one

    def _make(self, name, text):
        return bytes_of(self.scribe.call("table_from_json", word_of(name), word_of(text), gives=1)[0])

    def read(self, name, table):
        """The JSON of a table."""
        return parse(self._text(name, table))

    def _text(self, name, table):
        try:
            return bytes_of(self.scribe.call("table_to_json", word_of(name), word_of(table), gives=1)[0])
        except Failure as error:
            raise ValueError(f"no {name}: {error}") from None
