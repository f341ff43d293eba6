"""Writes golden_intervals.json: bootstrap intervals of every score, resampled by NumPy and scored by scikit-learn.

    python3 -m pip install numpy==2.4.6 scikit-learn==1.9.1
    python3 golden_intervals.py > golden_intervals.json      # a minute

Each score has the 2.5th and 97.5th percentile and the standard deviation over 2000 resamples. Scores that average over
pictures resample all pictures; those that average over classes resample the pictures of each class.
"""

import json

import numpy as np
from golden import class_scores, picture_scores, softmax, top_k

resamples = 2000
counts = [80, 60, 40, 30, 20, 15, 10, 6, 5, 4]  # pictures of each class
training_counts = [800, 300, 101, 100, 60, 20, 19, 12, 8, 4]

rng = np.random.default_rng(403)
labels = np.repeat(np.arange(len(counts)), counts)
eighths = rng.integers(-16, 17, size=(len(labels), len(counts)))
eighths[np.arange(len(labels)), labels] += 16
logits = eighths / 8
probability = softmax(logits)
predicted = logits.argmax(axis=1)


def shots(rows):
    group = np.array([0 if n > 100 else 1 if n >= 20 else 2 for n in training_counts])[labels[rows]]
    right = labels[rows] == predicted[rows]
    return {name: right[group == g].mean() for g, name in enumerate(["many", "medium", "few"])}


def resample():
    rows = rng.integers(len(labels), size=len(labels))
    scores = picture_scores(labels[rows], probability[rows], lambda k: top_k(labels[rows], logits[rows], k))
    scores["top3"] = top_k(labels[rows], logits[rows], 3)
    scores |= shots(rows)
    within = np.concatenate([rng.choice(np.flatnonzero(labels == c), size=n) for c, n in enumerate(counts)])
    return scores | class_scores(labels[within], predicted[within])


drawn = [resample() for _ in range(resamples)]
intervals = {}
for name in drawn[0]:
    values = np.array([scores[name] for scores in drawn])
    low, high = np.percentile(values, [2.5, 97.5])
    intervals[name] = [float(f"{x:.6g}") for x in (low, high, values.std())]
result = {"classes": len(counts), "eighths": eighths.ravel().tolist(), "labels": labels.tolist()}
print(json.dumps(result | {"training_counts": training_counts, "intervals": intervals}, separators=(",", ":")))
