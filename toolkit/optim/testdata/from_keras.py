"""Makes keras.json, in float64. Run in this folder: JAX_ENABLE_X64=1 KERAS_BACKEND=jax python from_keras.py (keras 3.15.1)."""
import json

import keras
import numpy as np

from problem import matrix, matrix_curvature, rate, steps, vector, vector_curvature, write

keras.config.set_floatx("float64")


def run(optimizer):
    w, v = keras.Variable(np.array(matrix)), keras.Variable(np.array(vector))
    v.overwrite_with_gradient = False
    a, b = np.array(matrix_curvature), np.array(vector_curvature)
    optimizer.build([w, v])
    if optimizer.weight_decay:
        optimizer.exclude_from_weight_decay(var_list=[v])
    values = []
    for step in range(steps):
        optimizer.learning_rate = rate(step)
        optimizer.apply([a * (np.array(w) - 1), b * (np.array(v) - 1)], [w, v])
        values.append(np.concatenate([np.array(w).ravel(), np.array(v).ravel()]).tolist())
    return values


o = keras.optimizers
write("keras.json", {
    "sgd": run(o.SGD(0.1, momentum=0.9)),
    "sgd, decay": run(o.SGD(0.1, momentum=0.9, weight_decay=0.1)),
    "nesterov": run(o.SGD(0.1, momentum=0.9, nesterov=True)),
    "adam": run(o.Adam(0.1)),
    "adam, epsilon": run(o.Adam(0.1, epsilon=1e-3)),
    "adamw": run(o.AdamW(0.1, weight_decay=0.1)),
    "rmsprop": run(o.RMSprop(0.1)),
    "rmsprop, epsilon": run(o.RMSprop(0.1, epsilon=1.0)),
    "rmsprop, centered": run(o.RMSprop(0.1, rho=0.95, momentum=0.8, centered=True, epsilon=1e-2)),
})

losses = json.load(open("schedules.json"))["losses"]


def plateau(**settings):
    callback = keras.callbacks.ReduceLROnPlateau(monitor="loss", **settings)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(o.SGD(1.0))
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"loss": loss})
        rates.append(float(model.optimizer.learning_rate))
    return rates


with open("plateaus.json", "w") as f:
    json.dump({
        "plateau": plateau(factor=0.5, patience=2),
        "plateau with cooldown": plateau(factor=0.5, patience=2, cooldown=2, min_lr=0.2),
    }, f, indent=1)
