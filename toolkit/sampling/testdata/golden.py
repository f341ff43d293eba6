"""Writes golden.json: what imbalanced-learn makes of class counts, repeat factors, and chi-square bounds from SciPy.

    python3 -m pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 imbalanced-learn==0.14.2
    python3 golden.py > golden.json
"""

import json

import numpy as np
from imblearn.over_sampling import RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from scipy import stats


def resample(classes, labels, *samplers):
    """Class counts and the number of different rows after the samplers, one after the other."""
    rows = np.arange(len(labels)).reshape(-1, 1)
    for sampler in samplers:
        rows, labels = sampler.fit_resample(rows, labels)
    return {"per_class": np.bincount(labels, minlength=classes).tolist(), "distinct": len(np.unique(rows))}


def case(name, counts, threshold):
    counts = np.asarray(counts)
    labels = np.repeat(np.arange(len(counts)), counts)
    frequent = np.flatnonzero(counts > threshold)

    def cut_to(n):
        return RandomUnderSampler(sampling_strategy={int(k): int(n) for k in frequent}, random_state=57)

    over = RandomOverSampler(random_state=57)
    share = counts[counts > 0] / counts.sum()
    t = 0.05
    factors = np.zeros(len(counts))
    factors[counts > 0] = np.maximum(1, np.sqrt(t / share))
    return {
        "name": name,
        "counts": counts.tolist(),
        "threshold": threshold,
        "over": resample(len(counts), labels, over),
        "under": resample(len(counts), labels, RandomUnderSampler(random_state=57)),
        "under_over": resample(len(counts), labels, cut_to(counts[frequent].min()), over),
        "under_over_to_threshold": resample(len(counts), labels, cut_to(threshold), over),
        "repeat_threshold": t,
        "repeat_factors": factors.tolist(),
    }


rng = np.random.default_rng(57)
print(json.dumps({
    "cases": [
        case("two classes", [9, 4], 5),
        case("absent classes", [0, 30, 0, 7, 12, 3, 0], 8),
        case("long tail", np.ceil(300 / np.arange(1, 16) ** 1.4).astype(int).tolist(), 20),
        case("all frequent", [8, 6, 11], 5),
        case("random", rng.integers(1, 60, 20).tolist(), 25),
    ],
    # What a chi-square statistic exceeds with probability 0.001, by degrees of freedom.
    "chi_square_0.001": {df: stats.chi2.isf(0.001, df) for df in (16, 19, 39, 49, 99)},
}))
