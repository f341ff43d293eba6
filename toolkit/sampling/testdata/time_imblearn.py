"""Times imbalanced-learn, NumPy and scikit-learn on the table of BenchmarkPlan: best of three, in milliseconds.

    python3 -m pip install numpy==2.4.6 scikit-learn==1.9.1 imbalanced-learn==0.14.2
    python3 time_imblearn.py
"""

import time

import numpy as np
from imblearn.over_sampling import RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from sklearn.utils.class_weight import compute_class_weight

n, classes, threshold = 1_000_000, 10_000, 350
counts = (650 * 650.0 ** (-np.arange(classes) / (classes - 1))).astype(int)
labels = np.repeat(np.arange(classes), counts)
labels = np.concatenate([labels, np.arange(n - len(labels))])[:n]
rng = np.random.default_rng(1)
rng.shuffle(labels)
counts = np.bincount(labels)
rows = np.arange(n).reshape(-1, 1)
print(len(counts), "classes of", counts.min(), "to", counts.max(), "rows")


def under_over():
    frequent = np.flatnonzero(counts > threshold)
    cut = {int(k): int(counts[frequent].min()) for k in frequent}
    x, y = RandomUnderSampler(sampling_strategy=cut, random_state=57).fit_resample(rows, labels)
    return RandomOverSampler(random_state=57).fit_resample(x, y)


def best(name, run):
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - start)
        if seconds[-1] > 20:
            break
    print(f"{name:28} {1000 * min(seconds):10.1f} ms  {len(result[0])} rows", flush=True)


best("shuffle (NumPy)", lambda: (rng.permutation(n),))
best("under", lambda: RandomUnderSampler(random_state=57).fit_resample(rows, labels))
best("over", lambda: RandomOverSampler(random_state=57).fit_resample(rows, labels))
best("under-over", under_over)
best("class weight, balanced", lambda: (compute_class_weight("balanced", classes=np.arange(classes), y=labels),))
