"""Makes golden_keras.json: cross-entropy by Keras, with class weights as its class_weight argument applies them.

    python3 -m pip install keras==3.15.1 jax==0.10.2
    KERAS_BACKEND=jax python3 golden_keras.py > golden_keras.json

Inputs are those of golden.json, without the picture that is filling.
"""

import json

import jax
import keras
import numpy as np

jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")

inputs = json.load(open("golden.json"))["inputs"]
classes = inputs["classes"]
examples = np.array(inputs["examples"])
real = examples > 0
logits = np.array(inputs["logits"]).reshape(-1, classes)[real]
labels = np.array(inputs["labels"])[real]
weights = np.array(inputs["weights"])


def case(name, smoothing, weighted):
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
    targets = np.eye(classes)[labels]

    def mean(z):
        return loss(targets, z, sample_weight=weights[labels] if weighted else None)

    gradient = np.zeros((len(examples), classes))
    gradient[real] = jax.grad(mean)(logits)
    config = {"convention": "keras", "smoothing": smoothing}
    value = {"name": name, "config": config, "soft": False, "weighted": weighted, "mean": float(mean(logits))}
    return value | {"gradient": [float(f"{x:.9g}") for x in gradient.flatten()]}


cases = [
    case("cross-entropy", 0.0, False),
    case("cross-entropy, weights", 0.0, True),
    case("cross-entropy, smoothing", 0.1, False),
    case("cross-entropy, weights, smoothing", 0.2, True),
]
print("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]")
