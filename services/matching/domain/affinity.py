"""How alike two texts are: a small TF-IDF whose result does not depend on the order of anything.

Terms are words without accents and light endings, so that "pensión", "pensiones" and "pensions" meet. A term known
from fewer than `min_people` profiles is not in the vocabulary: a rare word could point to one person.
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.matching.domain.expert import RosterExpert

MIN_PEOPLE = 3
"""No setting: a word known from fewer profiles could point to one person, and what cites it outlives the profile."""
EVIDENCE_TERMS = 4
"""Words cited for a likeness: as many as a line on a screen holds. No effect on the score."""
QUOTE_LENGTH = 160
"""Characters of a request's passage that are cited: a line or two. No effect on the score."""

_WORD = re.compile(r"[^\W\d_]{3,}")
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\n+")
_STOP_EN = """
    and are been but for from had has have her his into its not our out over she than that the their them
    then there these they this those through under was were what when where which while who will with would
    you your all also any can may more most other some such very within between during including years year
"""
_STOP_FR = """
    aux avec ces cette dans des elle est etre ils les leur leurs mais nos notre nous ont par pas plus pour
    que qui sans ses son sont sous sur une vos votre ans annees ainsi entre depuis afin
"""
_STOP_ES = """
    como con cual del desde donde ella ellos entre era esta este esto estos fue han hasta las los mas muy
    nos otra otro para pero por porque que ser sin sobre son sus una uno unos anos asi
"""
_STOP_WORDS = frozenset(f"{_STOP_EN}{_STOP_FR}{_STOP_ES}".split())


@dataclass(frozen=True, slots=True)
class Affinity:
    """Cosine in thousandths, and the terms that gave most of it, strongest first."""

    thousandths: int
    terms: tuple[str, ...]


NO_AFFINITY = Affinity(0, ())


@dataclass(frozen=True, slots=True)
class Query:
    """A requirement's text made ready: weights per term, how each is written there, and its sentences."""

    weights: Mapping[str, float]
    written: Mapping[str, str]
    sentences: tuple[tuple[str, frozenset[str]], ...]

    def passage(self, terms: Iterable[str]) -> str:
        """The sentence that holds most of the terms (the first such), cut to QUOTE_LENGTH characters."""
        wanted = frozenset(terms)
        best = max(self.sentences, key=lambda s: len(wanted & s[1]), default=("", frozenset()))[0]
        return best if len(best) <= QUOTE_LENGTH else best[: QUOTE_LENGTH - 1] + "…"


class TextModel:
    """The words of one version of the roster. Unchangeable for its readers; fit it again when the roster changes."""

    def __init__(self, counts: dict[str, tuple[str, Mapping[str, int]]], min_people: int) -> None:
        self._counts = counts
        self._min_people = min_people
        people: Counter[str] = Counter()
        for _, terms in counts.values():
            people.update(terms.keys())
        size = len(counts)
        self._idf = {
            term: math.log((1 + size) / (1 + number)) + 1.0 for term, number in people.items() if number >= min_people
        }
        known = ";".join(f"{term}:{people[term]}" for term in sorted(self._idf))
        self.digest = hashlib.sha256(f"{size}|{min_people}|{known}".encode()).hexdigest()
        self._profiles: dict[str, Mapping[str, float]] = {}

    @classmethod
    def fit(
        cls,
        roster: Iterable[RosterExpert],
        *,
        min_people: int = MIN_PEOPLE,
        previous: TextModel | None = None,
    ) -> TextModel:
        """Read every profile's summary and method skills.

        With `previous`, texts that did not change are not read again; the result is the same without.
        """
        before = previous._counts if previous is not None else {}
        counts: dict[str, tuple[str, Mapping[str, int]]] = {}
        for expert in roster:
            text = f"{expert.summary}\n{' '.join(expert.method_skills).replace('_', ' ')}"
            known = before.get(expert.expert_id)
            counts[expert.expert_id] = known if known and known[0] == text else (text, _terms(text))
        return cls(counts, min_people)

    @property
    def vocabulary(self) -> frozenset[str]:
        """Every term the model knows."""
        return frozenset(self._idf)

    def query(self, text: str) -> Query:
        """Make a requirement's text ready to be compared with many profiles."""
        written: dict[str, str] = {}
        for word in _WORD.findall(text):
            written.setdefault(_stem(_folded(word)), word.casefold())
        sentences = tuple(
            (sentence.strip(), frozenset(_terms(sentence))) for sentence in _SENTENCE.split(text) if sentence.strip()
        )
        return Query(self._weigh(_terms(text)), written, sentences)

    def affinity(self, query: Query, expert_id: str) -> Affinity:
        """The likeness of the query and an expert's profile; nothing for somebody the model has not read."""
        profile = self._profile(expert_id)
        shared = {term: weight * profile[term] for term, weight in query.weights.items() if term in profile}
        if not shared:
            return NO_AFFINITY
        # fsum is exact, so the order in which terms come cannot change the last digit
        cosine = min(1.0, math.fsum(shared.values()))
        strongest = sorted(shared, key=lambda term: (-shared[term], term))[:EVIDENCE_TERMS]
        return Affinity(math.floor(cosine * 1000 + 0.5), tuple(strongest))

    def _profile(self, expert_id: str) -> Mapping[str, float]:
        profile = self._profiles.get(expert_id)
        if profile is None:
            counted = self._counts.get(expert_id)
            profile = self._weigh(counted[1]) if counted else {}
            self._profiles[expert_id] = profile
        return profile

    def _weigh(self, terms: Mapping[str, int]) -> Mapping[str, float]:
        raw = {term: (1.0 + math.log(number)) * self._idf[term] for term, number in terms.items() if term in self._idf}
        length = math.sqrt(math.fsum(weight * weight for weight in raw.values()))
        return {term: weight / length for term, weight in raw.items()} if length else {}


def _terms(text: str) -> Mapping[str, int]:
    words = (word for word in _WORD.findall(_folded(text)) if word not in _STOP_WORDS)
    return Counter(map(_stem, words))


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("s"):
        word = word[:-1]
    if len(word) > 4 and word[-1] in "aeo":
        word = word[:-1]
    return word
