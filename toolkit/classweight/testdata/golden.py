"""Writes golden.json: class weights as scikit-learn and NumPy compute them.

    python3 -m pip install numpy==2.4.6 scikit-learn==1.9.1
    python3 golden.py > golden.json
"""

import json

import numpy as np
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight


def case(name, counts):
    counts = np.asarray(counts)
    present = np.flatnonzero(counts)
    labels = np.repeat(np.arange(len(counts)), counts)
    c = counts[present].astype(float)

    def spread(weights):
        everything = np.zeros(len(counts))
        everything[present] = weights
        return everything.tolist()

    effective = {str(beta): (1 - beta) / (1 - beta**c) for beta in (0.9, 0.99, 0.999, 0.9999)}
    balanced = compute_class_weight("balanced", classes=present, y=labels)
    sample = compute_sample_weight("balanced", labels)
    assert all(sample[labels == k].max() == sample[labels == k].min() == w for k, w in zip(present, balanced))
    largest = counts.max()
    return {
        "name": name,
        "counts": counts.tolist(),
        "none": spread(1),
        "balanced": spread(balanced),
        "balanced_of_rows": sample.tolist() if len(sample) < 40 else None,
        "log": spread(np.log(1 + (largest / c) ** 2)),
        "log_integer": spread([np.log(1 + (int(largest) // int(n)) ** 2) for n in c]),
        "linear": spread(1 + largest / c),
        "linear_integer": spread([1 + int(largest) // int(n) for n in c]),
        "ratio": spread(largest / (c + 1e-7)),
        "effective": {beta: spread(w) for beta, w in effective.items()},
        "effective_sum_k": {beta: spread(w * len(c) / w.sum()) for beta, w in effective.items()},
        "effective_mean_one": {beta: spread(w / np.average(w, weights=c)) for beta, w in effective.items()},
    }


rng = np.random.default_rng(57)
cases = [
    case("one class", [7]),
    case("equal", [3, 3, 3]),
    case("small", [20, 1, 7, 4]),
    case("absent classes", [0, 5, 0, 12, 1, 0]),
    case("long tail", np.ceil(4875 / np.arange(1, 13) ** 1.5).astype(int).tolist()),
    case("random", rng.integers(1, 1000, 8).tolist()),
]
print(json.dumps({"cases": cases}))
