"""The problem that from_torch.py and from_keras.py let optimizers solve: its loss is ½·Σ a·(w − 1)² + ½·Σ b·(v − 1)²
for a matrix w, which decays, and a vector v, which doesn't. The learning rate falls, which tells conventions apart."""
import json

matrix, vector = [[3.0, -2.0], [0.5, 4.0]], [2.0, -1.0]
matrix_curvature, vector_curvature = [[1.0, 10.0], [0.1, 2.0]], [3.0, 0.5]
steps = 7


def rate(step):
    return 0.05 / (1 + step / 3)


def write(path, runs):
    """runs: name → a list of parameters after each step, matrix first, flat."""
    rounded = {name: [[float(f"{x:.9g}") for x in values] for values in run] for name, run in runs.items()}
    with open(path, "w") as f:
        f.write("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(run)}" for name, run in rounded.items()) + "\n}\n")
