"""Writes splits.json: how scikit-learn divides rows between the folds of a cross-validation.

    python3 -m pip install numpy==2.4.6 scikit-learn==1.9.1
    python3 make_splits.py > splits.json
"""

import json
import warnings

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

warnings.simplefilter("ignore")  # about classes with fewer rows than folds


def per_class(splitter, labels, groups=None):
    """Rows of each class in each fold: [folds, classes]."""
    folds = splitter.split(np.zeros(len(labels)), labels, groups)
    return [np.bincount(labels[test], minlength=labels.max() + 1).tolist() for _, test in folds]


def imbalance(counts):
    """Sum of (rows - wanted)^2 / wanted over folds and classes, and over folds for all classes together."""
    counts = np.column_stack([counts, np.sum(counts, 1)])
    wanted = counts.mean(0)
    return ((counts - wanted) ** 2 / wanted).sum()


def stratified(name, counts, folds, rng=None):
    labels = np.repeat(np.arange(len(counts)), counts)
    if rng is not None:
        rng.shuffle(labels)
    counts = per_class(StratifiedKFold(folds, shuffle=True, random_state=57), labels)
    return {"name": name, "sorted": rng is None, "labels": labels.tolist(), "folds": folds, "counts": counts}


def grouped(name, rows, classes, groups, folds, purity, rng):
    """Each group has a favourite class, which a row has with probability purity."""
    group = np.sort(rng.choice(groups, rows, p=rng.dirichlet(np.full(groups, 2.0))))
    favourite = np.minimum(rng.geometric(0.3, groups) - 1, classes - 1)
    labels = np.where(rng.random(rows) < purity, favourite[group], np.minimum(rng.geometric(0.4, rows) - 1, classes - 1))
    labels = np.unique(labels, return_inverse=True)[1]
    uneven = [imbalance(per_class(StratifiedGroupKFold(folds, shuffle=True, random_state=seed), labels, group)) for seed in range(20)]
    return {"name": name, "labels": labels.tolist(), "groups": group.tolist(), "folds": folds, "imbalance": round(np.mean(uneven), 6)}


rng = np.random.default_rng(57)
tail = np.ceil(200 / np.arange(1, 16) ** 1.4).astype(int)
print(json.dumps({
    "stratified": [
        stratified("even", [10, 10, 10], 5),
        stratified("uneven", [11, 7, 2, 5], 4),
        stratified("rare classes", [2, 3, 2, 40, 2, 6], 5),
        stratified("long tail", tail, 10),
        stratified("mixed", [11, 7, 2, 5], 4, rng),
        stratified("long tail, mixed", tail, 7, rng),
    ],
    "grouped": [
        grouped("pure groups", 300, 6, 60, 5, 1.0, rng),
        grouped("mixed groups", 300, 6, 40, 4, 0.6, rng),
        grouped("many groups", 400, 8, 200, 5, 0.8, rng),
        grouped("few groups", 200, 5, 12, 3, 0.7, rng),
    ],
}, separators=(",", ":")))
