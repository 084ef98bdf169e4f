"""The online questionnaire's matrix question and how long it took: answers with known weights for the total.

Planted: the eight items correlate at about 0.3 and enter the overall score with the standardised weights
of :data:`DRIVERS`; 4 % of the answers are given in a hurry and at random, 3 % are the same eight times.
"""

import numpy as np
import pandas as pd

from fbanalysis.sample.draws import spread

ONLINE = "在线问卷调查"

#: Item → standardised weight for the overall score.
DRIVERS = {
    "功能满足": 0.34,
    "系统稳定": 0.26,
    "响应及时": 0.20,
    "服务态度": 0.10,
    "文档易懂": 0.05,
    "培训支持": 0.03,
    "流程顺畅": 0.02,
    "性价比": 0.00,
}
#: Item → mean before rounding to whole points.
LEVELS = {
    "功能满足": 4.0,
    "系统稳定": 3.6,
    "响应及时": 3.7,
    "服务态度": 4.4,
    "文档易懂": 3.5,
    "培训支持": 3.9,
    "流程顺畅": 3.6,
    "性价比": 3.8,
}
ITEM_SPREAD = 0.95
#: Of the items' latent values; rounding leaves about 0.3.
ITEM_CORRELATION = 0.36
#: Share of the variance of an online overall score that the items explain, before rounding to points.
EXPLAINED = 0.62

SPEEDERS = 0.04
STRAIGHT_LINERS = 0.03
UNANSWERED = 0.008
TYPICAL_SECONDS = 214
#: A speeder takes less than this part of the median time, everybody else more.
HURRY = 0.4


def draw_answers(size: int, *, rng: np.random.Generator) -> np.ndarray:
    """Draw considered answers 1–5: one row a respondent, one column an item of :data:`DRIVERS`."""
    common = np.sqrt(ITEM_CORRELATION) * rng.normal(size=(size, 1))
    own = np.sqrt(1 - ITEM_CORRELATION) * rng.normal(size=(size, len(DRIVERS)))
    latent = np.array(list(LEVELS.values())) + ITEM_SPREAD * (common + own)
    return np.clip(np.round(latent), 1, 5)


def driven(answers: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Give each respondent's standardised inclination: what the items explain, and noise."""
    if not len(answers):
        return np.zeros(0)
    scores = (answers - answers.mean(axis=0)) / answers.std(axis=0)
    explained = spread(scores @ np.array(list(DRIVERS.values())))
    return np.sqrt(EXPLAINED) * explained + np.sqrt(1 - EXPLAINED) * rng.normal(size=len(answers))


def filled_in(answers: np.ndarray, *, rng: np.random.Generator) -> pd.DataFrame:
    """Show the answers as respondents gave them: some hurried, some all alike, some left out.

    Returns
    -------
    pandas.DataFrame
        One column an item, ``duration_seconds`` and ``care``: hurried, alike or "".
    """
    size = len(answers)
    careless = rng.permutation(size)
    hurried = careless[: round(SPEEDERS * size)]
    alike = careless[len(hurried) : len(hurried) + round(STRAIGHT_LINERS * size)]
    given = _unlike(answers, rng=rng)
    given[rng.random(given.shape) < UNANSWERED] = np.nan
    given[hurried] = rng.integers(1, 6, size=(len(hurried), answers.shape[1]))
    given[alike] = rng.choice([2.0, 3.0, 4.0], size=(len(alike), 1), p=[0.15, 0.5, 0.35])
    care = np.full(size, "", dtype=object)
    care[hurried], care[alike] = "hurried", "alike"
    told = pd.DataFrame(given, columns=list(DRIVERS)).assign(care=care)
    return told.assign(duration_seconds=_seconds(care == "hurried", rng=rng))


def _unlike(answers: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Change one answer of those who by chance gave the same one eight times, unless all is 5."""
    given = answers.copy()
    same = np.flatnonzero((answers == answers[:, :1]).all(axis=1) & (answers[:, 0] < 5))
    given[same, rng.integers(0, answers.shape[1], size=len(same))] += 1
    return given


def _seconds(is_hurried: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Draw whole seconds; only hurried ones stay below :data:`HURRY` of the median."""
    seconds = np.round(TYPICAL_SECONDS * np.exp(rng.normal(0, 0.42, size=len(is_hurried))))
    middle = TYPICAL_SECONDS * np.exp(0.42 * -0.05)
    seconds = np.maximum(seconds, np.ceil(middle * (HURRY + 0.06 + 0.1 * rng.random(len(seconds)))))
    hasty = np.floor(middle * (0.12 + (HURRY - 0.16) * rng.random(len(seconds))))
    return np.where(is_hurried, hasty, seconds)
