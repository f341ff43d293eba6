"""Makes keras-2.0.8.json and plateaus-2.0.8.json from the optimizers and the callback of Keras 2.0.8, in float64, with a
backend of NumPy in the place of TensorFlow 1. Run in this folder, once Keras is in the folder FOLDER:
pip install --no-deps --target FOLDER keras==2.0.8 six==1.17.0; python from_keras_208.py FOLDER (numpy 2.4.6)."""
import collections.abc
import contextlib
import json
import os
import sys
import types

import numpy as np

from problem import matrix, matrix_curvature, rate, steps, vector, vector_curvature, write

sys.path.insert(0, sys.argv[1])
collections.Iterable, np.Inf = collections.abc.Iterable, np.inf


def module(name, **content):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__dict__.update(content)
    return sys.modules[name]


class Slots:
    """The arrays that an optimizer asks for: made at its first step, the same ones at each later step."""

    def __init__(self):
        self.arrays, self.next = [], 0

    def zeros(self, shape, dtype=None):
        if self.next == len(self.arrays):
            self.arrays.append(np.zeros(shape))
        self.next += 1
        return self.arrays[self.next - 1]


K = module(
    "keras.backend",
    backend=lambda: "numpy", floatx=lambda: "float64", dtype=lambda x: "float64", int_shape=np.shape,
    name_scope=lambda name: contextlib.nullcontext(), variable=lambda x, dtype=None, name=None: np.array(x, "float64"),
    cast=lambda x, dtype: x, sqrt=np.sqrt, square=np.square, pow=np.power, gradients=lambda loss, params: loss(params),
    update=lambda x, new: (x, np.array(new)), update_add=lambda x, more: (x, x + more),
    get_value=lambda x: x, set_value=lambda x, value: np.copyto(x, value))
module("keras", backend=K, __path__=[os.path.join(sys.argv[1], "keras")])
module("keras.utils", __path__=[])
module("keras.utils.generic_utils", Progbar=None, serialize_keras_object=None, deserialize_keras_object=None)
module("keras.legacy", interfaces=types.SimpleNamespace(legacy_get_updates_support=lambda f: f))

from keras import callbacks, optimizers as o  # noqa: E402


def run(optimizer):
    w, v = np.array(matrix), np.array(vector)
    a, b = np.array(matrix_curvature), np.array(vector_curvature)
    slots, values = Slots(), []
    K.zeros = slots.zeros
    for step in range(steps):
        slots.next = 0
        K.set_value(optimizer.lr, rate(step))
        for x, new in optimizer.get_updates(lambda params: [a * (w - 1), b * (v - 1)], [w, v]):
            K.set_value(x, new)
        values.append(np.concatenate([w.ravel(), v.ravel()]).tolist())
    return values


write("keras-2.0.8.json", {
    "nesterov": run(o.SGD(0.1, momentum=0.9, nesterov=True)),
    "adam": run(o.Adam(0.1)),
    "adam, epsilon": run(o.Adam(0.1, epsilon=1e-3)),
    "rmsprop": run(o.RMSprop(0.1)),
    "rmsprop, epsilon": run(o.RMSprop(0.1, epsilon=1.0)),
})

losses = json.load(open("schedules.json"))["losses"]


def plateau(**settings):
    callback = callbacks.ReduceLROnPlateau(monitor="loss", **settings)
    callback.model = types.SimpleNamespace(optimizer=o.SGD(1.0))
    callback.on_train_begin()
    rates = []
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"loss": loss})
        rates.append(float(callback.model.optimizer.lr))
    return rates


with open("plateaus-2.0.8.json", "w") as f:
    json.dump({
        "plateau": plateau(factor=0.5, patience=1),
        "plateau with patience": plateau(factor=0.5, patience=2),
        "plateau with cooldown": plateau(factor=0.5, patience=1, cooldown=2, min_lr=0.2),
    }, f, indent=1)
