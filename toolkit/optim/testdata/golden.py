"""Makes golden.json: five steps of each optimizer in float64 NumPy, written from the papers' formulas.

The loss is ½·Σ a·(w − 1)², so the gradient is a·(w − 1). Run: python3 golden.py > golden.json
"""
import json

import numpy as np

a, start, lr = np.array([1.0, 10.0, 0.1]), np.array([3.0, -2.0, 0.5]), 0.05


def sgd(momentum, nesterov):
    w, velocity = start.copy(), np.zeros(3)
    for _ in range(5):
        g = a * (w - 1)
        velocity = momentum * velocity + g
        w = w - lr * (g + momentum * velocity if nesterov else velocity)
        yield w


def adam(beta1, beta2, epsilon):
    w, m, v = start.copy(), np.zeros(3), np.zeros(3)
    for t in range(1, 6):
        g = a * (w - 1)
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        w = w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + epsilon)
        yield w


steps = {
    "sgd": sgd(0, False),
    "momentum": sgd(0.9, False),
    "nesterov": sgd(0.9, True),
    "adam": adam(0.9, 0.999, 1e-8),
    "adam, other settings": adam(0.8, 0.95, 1e-3),
}
print(json.dumps({name: [[float(f"{x:.8g}") for x in w] for w in run] for name, run in steps.items()}, indent=1))
