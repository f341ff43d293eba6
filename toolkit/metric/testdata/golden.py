"""Writes golden.json: what scikit-learn says about random predictions, and NumPy about adjusted logits.

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


def softmax(logits):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def picture_scores(labels, probability, top):
    """Scores that average over pictures."""
    predicted = probability.argmax(axis=1)  # the first of equals
    everything = list(range(probability.shape[1]))
    return {
        "accuracy": metrics.accuracy_score(labels, predicted),
        "top5": top(5),
        "nll": metrics.log_loss(labels, probability, labels=everything) if len(everything) > 1 else 0.0,
        "weighted_recall": metrics.recall_score(labels, predicted, average="weighted", zero_division=0),
        "calibration_error": calibration_error(probability.max(axis=1), labels == predicted),
    }


def class_scores(labels, predicted):
    """Scores that average over classes."""
    return {
        "f170": float(np.mean(metrics.f1_score(labels, predicted, average=None, zero_division=0) > 0.7)),
        "macro_precision": metrics.precision_score(labels, predicted, average="macro", zero_division=0),
        "macro_recall": metrics.recall_score(labels, predicted, average="macro", zero_division=0),
        "macro_f1": metrics.f1_score(labels, predicted, average="macro", zero_division=0),
        "weighted_precision": metrics.precision_score(labels, predicted, average="weighted", zero_division=0),
        "weighted_f1": metrics.f1_score(labels, predicted, average="weighted", zero_division=0),
        "balanced_accuracy": metrics.balanced_accuracy_score(labels, predicted),
    }


def top_k(labels, logits, k):
    classes = logits.shape[1]
    if k >= classes:
        return 1.0
    # scikit-learn breaks ties by the highest class; a tiny slope makes the lowest come first.
    sloped = logits - np.arange(classes) * 1e-6
    return metrics.top_k_accuracy_score(labels, sloped, k=k, labels=list(range(classes)))


def adjusted(labels, probability, tau=1.5):
    """Post-hoc logit adjustment, on probabilities: divided by the power of the prior and made to sum to 1."""
    classes = probability.shape[1]
    counts = 1 + 7 * np.arange(classes) ** 2
    p = probability / (counts / counts.sum()) ** tau
    p /= p.sum(axis=1, keepdims=True)
    nll = metrics.log_loss(labels, p, labels=list(range(classes)))
    return {"counts": counts.tolist(), "tau": tau, "predicted": p.argmax(axis=1).tolist(), "nll": nll}


def case(name, eighths, labels, classes):
    logits = np.asarray(eighths, dtype=np.float64) / 8
    labels = np.asarray(labels)
    probability = softmax(logits)
    predicted = logits.argmax(axis=1)  # the first of equals
    everything = list(range(classes))
    precision, recall, f1, count = metrics.precision_recall_fscore_support(
        labels, predicted, labels=everything, zero_division=0
    )
    matrix = metrics.confusion_matrix(labels, predicted, labels=everything)
    return {
        "name": name,
        "classes": classes,
        "eighths": np.asarray(eighths).ravel().tolist(),
        "labels": labels.tolist(),
        "count": count.tolist(),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "confusion": [[int(t), int(p), int(matrix[t, p])] for t, p in zip(*matrix.nonzero())],
        "topk": [top_k(labels, logits, k) for k in range(1, classes + 1)],
        "scores": picture_scores(labels, probability, lambda k: top_k(labels, logits, k))
        | class_scores(labels, predicted),
        "adjusted": adjusted(labels, probability) if 1 < classes and abs(logits).max() < 100 else None,
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


if __name__ == "__main__":
    main()
