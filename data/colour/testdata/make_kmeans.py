"""Writes kmeans.json: the steps of Lloyd's algorithm by scikit-learn, from given centres.

    python3 -m pip install numpy==2.4.6 scikit-learn==1.9.1
    python3 make_kmeans.py > kmeans.json
"""

import json
import warnings

import numpy as np
from sklearn.cluster import KMeans

warnings.simplefilter("ignore")  # about steps that were not enough


def case(name, points, centres):
    points, centres = np.round(points, 4), np.round(centres, 4)
    states = []
    for steps in (1, 2, 3, 300):
        k = KMeans(len(centres), init=centres, n_init=1, max_iter=steps, tol=0, algorithm="lloyd").fit(points)
        states.append({
            "steps": steps,
            "labels": k.labels_.tolist(),
            "centres": np.round(k.cluster_centers_, 10).tolist(),
            "inertia": k.inertia_,
        })
    return {"name": name, "points": points.tolist(), "centres": centres.tolist(), "states": states}


rng = np.random.default_rng(57)
clouds = rng.normal(size=(60, 3)) + rng.integers(0, 3, (60, 1)) * 1.5
shares = rng.dirichlet(np.full(6, 0.4), 40)
far = np.array([[50.0, 50, 50]])
print(json.dumps({"cases": [
    case("clouds", clouds, clouds[:4]),
    case("shares", shares, shares[rng.choice(40, 7, replace=False)]),
    case("an empty cluster", clouds, np.concatenate([clouds[:3], far])),
    case("two empty clusters", clouds, np.concatenate([far, clouds[10:12], -far])),
]}, separators=(",", ":")))
