"""Writes golden.json: what scikit-learn says about random predictions.

    python3 -m pip install numpy==2.4.6 scikit-learn==1.9.1
    python3 golden.py > golden.json

Logits are multiples of 1/8 (exact in float32, with many ties), so the file can hold them as small integers.
"""

import json
import warnings

import numpy as np
from sklearn import metrics

warnings.filterwarnings("ignore")


def calibration_error(probability, right, bins=15):
    # By its definition (Guo et al. 2017), bins (k/15, (k+1)/15].
    total = 0.0
    for k in range(bins):
        inside = (probability > k / bins) & (probability <= (k + 1) / bins)
        if inside.any():
            total += inside.mean() * abs(right[inside].mean() - probability[inside].mean())
    return total


def case(name, eighths, labels, classes):
    logits = np.asarray(eighths, dtype=np.float64) / 8
    labels = np.asarray(labels)
    predicted = logits.argmax(axis=1)  # the first of equals
    shifted = logits - logits.max(axis=1, keepdims=True)
    probability = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    everything = list(range(classes))
    precision, recall, f1, count = metrics.precision_recall_fscore_support(
        labels, predicted, labels=everything, zero_division=0
    )
    seen = sorted(set(labels) | set(predicted))
    # scikit-learn's own top-k breaks ties by the highest class; add a tiny slope so that the lowest comes first.
    sloped = logits - np.arange(classes) * 1e-6
    return {
        "name": name,
        "classes": classes,
        "eighths": np.asarray(eighths).ravel().tolist(),
        "labels": labels.tolist(),
        "count": count.tolist(),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "scores": {
            "accuracy": metrics.accuracy_score(labels, predicted),
            "top5": (
                metrics.top_k_accuracy_score(labels, sloped, k=5, labels=everything) if classes > 5 else 1.0
            ),
            "nll": metrics.log_loss(labels, probability, labels=everything) if classes > 1 else 0.0,
            "f170": float(np.mean([f1[c] > 0.7 for c in seen])),
            "macro_precision": metrics.precision_score(labels, predicted, average="macro", zero_division=0),
            "macro_recall": metrics.recall_score(labels, predicted, average="macro", zero_division=0),
            "macro_f1": metrics.f1_score(labels, predicted, average="macro", zero_division=0),
            "weighted_f1": metrics.f1_score(labels, predicted, average="weighted", zero_division=0),
            "balanced_accuracy": metrics.balanced_accuracy_score(labels, predicted),
            "calibration_error": calibration_error(probability.max(axis=1), labels == predicted),
        },
    }


def main():
    rng = np.random.default_rng(57)

    def draw(n, classes, present, spread, lift):
        labels = rng.choice(present, size=n)
        eighths = rng.integers(-spread, spread + 1, size=(n, classes))
        eighths[np.arange(n), labels] += lift
        return eighths, labels

    cases = [
        case("four classes", *draw(40, 4, [0, 1, 2, 3], 12, 12), 4),
        case("absent classes", *draw(30, 12, [1, 4, 5, 11], 16, 24), 12),
        case("many ties", *draw(60, 7, list(range(7)), 1, 1), 7),
        case("long tail", *draw(45, 30, [0] * 20 + [1] * 8 + list(range(2, 30)), 10, 16), 30),
        case("one true class", *draw(12, 5, [3], 8, 8), 5),
        case("one class only", [[3], [-8], [0]], [0, 0, 0], 1),
        case("large logits", [[80000, -80000, 0], [-80000, 79992, 80000], [0, 0, 0]], [0, 1, 2], 3),
    ]
    print("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]")


main()
