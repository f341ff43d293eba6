"""Makes the Keras files of this folder. Run it once with each of

    pip install keras==3.15.1 jax==0.10.2 h5py==3.16.0     writes 3.15.1.*, and keras1.h5 by h5py alone
    pip install keras==3.0.5 jax==0.4.30 h5py==3.11.0      writes 3.0.5.*
    pip install tensorflow==2.15.1 h5py==3.16.0            writes 2.15.0.*
    pip install tensorflow==2.13.1 h5py==3.16.0            writes 2.13.1.*

The k-th number of the variable v of a layer called l is crc32("l/v") % 1000 + k/8, also where a file doesn't have l. l
begins with the name of the model in the model.
"""
import gzip
import os
import tempfile
import zlib

os.environ["KERAS_BACKEND"] = "jax"

import h5py
import keras
import numpy as np
from keras import layers

folder = os.path.dirname(os.path.abspath(__file__))
version = keras.__version__
keras3 = version.startswith("3")


def numbers(name, shape):
    size = int(np.prod(shape))
    return (zlib.crc32(name.encode()) % 1000 + np.arange(size, dtype="f4") / 8).reshape(shape)


def small(name, scale):
    """A model in the model, whose layers have the same names as those of the other one."""
    image = keras.Input((4, 4, 1))
    x = layers.Conv2D(1, 1, name="conv")(image)
    x = layers.BatchNormalization(name="norm", scale=scale)(x)
    x = layers.Conv2D(1, 1, name=f"{name}_end")(x)
    model = keras.Model(image, x, name=name)
    model.trainable = name == "left"  # Keras can't save the optimizer's numbers of two layers with one name
    model.layers[1].trainable = False
    return model


def whole():
    """Branches whose convolutions have one order by making and another in model.layers."""
    image = keras.Input((4, 4, 1))
    x = layers.Conv2D(2, 3, padding="same", name="stem_conv" if keras3 else "stem/conv")(image)
    x = layers.BatchNormalization(name="stem_norm" if keras3 else "stem/norm")(x)
    x = layers.Conv2D(1, 1)(x)
    x = small("left", scale=True)(x)
    x = small("right", scale=False)(x)
    short = layers.Conv2D(1, 1, use_bias=False)(x)
    long = layers.Conv2D(1, 1, use_bias=False)(x)
    long = layers.Conv2D(1, 1, use_bias=False)(long)
    long = layers.BatchNormalization(center=False)(long)
    x = layers.Concatenate()([short, long])
    x = layers.Dropout(0.5)(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(3, name="head")(x), name="whole")


def fill(model):
    for layer in model.layers:
        if hasattr(layer, "layers"):
            fill(layer)
            continue
        for w in layer.weights:
            if "seed" in w.name:
                continue
            variable = w.name.split("/")[-1].split(":")[0]
            name = f"{layer.name}/{variable}"
            if model.name != "whole":
                name = f"{model.name}/{name}"
            w.assign(numbers(name, w.shape))


def pack(path, name):
    with open(path, "rb") as f, open(os.path.join(folder, name + ".gz"), "wb") as out:
        out.write(gzip.compress(f.read(), 9, mtime=0))


def keras1(path):
    """Keras 1 on TensorFlow: names as in vgg16_weights_tf_dim_ordering_tf_kernels.h5 and in ResNet50's file."""
    with h5py.File(path, "w") as f:
        f.attrs["layer_names"] = [b"input_1", b"block1_conv1", b"bn_conv1", b"fc_b"]
        for layer, suffix, variables in [
            ("input_1", "", {}),
            ("block1_conv1", "_1:0", {"W": ("kernel", (3, 3, 1, 2)), "b": ("bias", (2,))}),
            ("bn_conv1", ":0", {"gamma": ("gamma", (2,)), "beta": ("beta", (2,)),
                                "running_mean": ("moving_mean", (2,)), "running_std": ("moving_variance", (2,))}),
            ("fc_b", "", {"W": ("kernel", (2, 3)), "b": ("bias", (3,))}),
        ]:
            group = f.create_group(layer)
            group.attrs["weight_names"] = [f"{layer}_{v}{suffix}".encode() for v in variables]
            for v, (name, shape) in variables.items():
                group[f"{layer}_{v}{suffix}"] = numbers(f"{layer}/{name}", shape)


def split(path):
    """A file with lists of names that Keras splits because they don't fit into an attribute, here one of few bytes."""
    from keras.src.legacy.saving import legacy_h5_format

    legacy_h5_format.HDF5_OBJECT_HEADER_LIMIT = 14
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1, name="first"), layers.Dense(1, name="second")], name="whole")
    fill(model)
    with h5py.File(path, "w") as f:
        legacy_h5_format.save_weights_to_hdf5_group(f, model)


def damaged(path, kind):
    """What no Keras writes, one flaw in each file."""
    with h5py.File(path, "w") as f:
        def legacy(layer_names, weight_names):
            f.attrs["layer_names"] = np.array([n.encode() for n in layer_names], dtype="S")
            a = f.create_group("a")
            a.attrs["weight_names"] = np.array([n.encode() for n in weight_names], dtype="S")
            return a

        def number(group, name):
            group[name] = np.float32(1)

        match kind:
            case "other":
                number(f, "x")
            case "no weights":
                legacy(["a"], [])
            case "layer twice":
                legacy(["a", "a"], [])
            case "no layer":
                legacy(["a", "b"], [])
            case "no list":
                legacy(["a"], ["kernel:0"])
                del f["a"].attrs["weight_names"]
            case "no weight":
                legacy(["a"], ["kernel:0"])
            case "weight twice":
                number(legacy(["a"], ["kernel:0", "kernel:0"]), "kernel:0")
            case "long name":
                number(legacy(["a"], ["x" * 1100]), "x" * 1100)
            case "integers":
                legacy(["a"], ["kernel:0"])["kernel:0"] = np.arange(3)
            case "layer is numbers":
                number(f, "layers/dense")
            case "variable is group":
                f.create_group("layers/dense/vars/0")
            case "deep":
                number(f, "layers/functional/" * 20 + "dense/vars/0")
            case "cycle":
                inner = f.create_group("layers/functional")
                inner["layers"] = f["layers"]


damages = ["other", "no weights", "layer twice", "no layer", "no list", "no weight", "weight twice", "long name",
           "integers", "layer is numbers", "variable is group", "deep", "cycle"]


def main():
    model = whole()
    model.compile(optimizer=keras.optimizers.Adam(), loss="mse", metrics=["mae"])
    if keras3:
        model.optimizer.build(model.trainable_variables)
    model.fit(np.zeros((1, 4, 4, 1)), np.zeros((1, 3)), verbose=0)
    fill(model)
    with tempfile.TemporaryDirectory() as t:
        def path(name):
            return os.path.join(t, name)

        model.save_weights(path("x.weights.h5"))
        pack(path("x.weights.h5"), version + ".weights.h5")
        model.save(path("x.keras"))
        pack(path("x.keras"), version + ".keras")
        if version in ("3.15.1", "2.15.0"):  # 3.0.5 fails on models in models, 2.13.1 writes what 2.15.0 does
            model.save(path("x.h5"))
            pack(path("x.h5"), version + ".h5")
        if version == "2.15.0":
            model.save_weights(path("weights-only.h5"))
            pack(path("weights-only.h5"), version + ".weights-only.h5")
        if version == "3.15.1":
            keras1(path("keras1.h5"))
            pack(path("keras1.h5"), "keras1.h5")
            split(path("split.h5"))
            pack(path("split.h5"), "split.h5")
            os.makedirs(os.path.join(folder, "damaged"), exist_ok=True)
            for kind in damages:
                damaged(path(kind), kind)
                pack(path(kind), "damaged/" + kind.replace(" ", "-") + ".h5")


main()
