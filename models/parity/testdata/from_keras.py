"""Makes the golden files of Keras's applications and keras-contrib, in float64 on JAX:

    pip install keras==3.15.1 jax==0.10.2 numpy==2.4.6 && python3 from_keras.py [model-source]…

keras-contrib needs a Keras of 2018: its DenseNet is built here anew, as keras_contrib/applications/densenet.py builds it.
"""
import os
import re
import sys

os.environ.update(KERAS_BACKEND="jax", JAX_ENABLE_X64="1")
import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras import layers

import formula

keras.config.set_floatx("float64")


def densenet_stage(name):
    if found := re.match(r"(conv|pool)(\d)_", name):
        number = int(found[2]) - 1
        return {"conv": f"block{number}" if number else "stem", "pool": f"transition{number}"}[found[1]]
    return "features" if name.startswith("bn/") else "head"


def contrib_stage(name):
    if found := re.match(r"(dense|tr)_(\d)_", name):
        return {"dense": "block", "tr": "transition"}[found[1]] + str(int(found[2]) + 1)
    return {"initial_": "stem", "final_bn": "features"}.get(name[:8], "head")


def inception_stage(name):
    """Most layers have only a number, which counts them in the order of their making."""
    if found := re.match(r"(block\d+_\d+)_conv/", name):
        return found[1]
    if not (found := re.match(r"(?:conv2d|batch_normalization)(?:_(\d+))?/", name)):
        return "features" if name.startswith("conv_7b") else "head"
    number, first = int(found[1] or 0), 0
    for stage, count in ([("stem", 5), ("mixed_5b", 7)] + [(f"block35_{i + 1}", 6) for i in range(10)] + [("mixed_6a", 4)]
                         + [(f"block17_{i + 1}", 4) for i in range(20)] + [("mixed_7a", 7)]
                         + [(f"block8_{i + 1}", 4) for i in range(10)]):
        first += count
        if number < first:
            return stage
    raise ValueError(name)


def vgg_stage(name):
    layer = name.split("/")[0]
    return layer.split("_")[0] if layer.startswith("block") else {"predictions": "head"}.get(layer, layer)


def contrib_densenet(initial, growth, blocks, size):
    """DenseNetImageNet121, 161 and 169 of keras-contrib, with pooling="avg"."""
    def normalised(x, name):
        return layers.Activation("relu")(layers.BatchNormalization(epsilon=1.1e-5, name=name)(x))

    def conv(x, filters, kernel, name, stride=1):
        return layers.Conv2D(filters, kernel, strides=stride, padding="same", use_bias=False, name=name)(x)

    picture = layers.Input((size, size, 3))
    x = normalised(conv(picture, initial, 7, "initial_conv2D", stride=2), "initial_bn")
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for block, count in enumerate(blocks):
        for layer in range(count):
            prefix = f"dense_{block}_{layer}"
            y = conv(normalised(x, prefix + "_bn"), 4 * growth, 1, prefix + "_bottleneck_conv2D")
            y = conv(normalised(y, prefix + "_bottleneck_bn"), growth, 3, prefix + "_conv2D")
            x = layers.Concatenate()([x, y])
        if block < 3:
            x = conv(normalised(x, f"tr_{block}_bn"), x.shape[-1] // 2, 1, f"tr_{block}_conv2D")
            x = layers.AveragePooling2D(2, strides=2)(x)
    x = layers.GlobalAveragePooling2D(name="avg_pool")(normalised(x, "final_bn"))
    return keras.Model(picture, layers.Dense(formula.CLASSES, name="dense_1")(x))


APPLICATIONS = {
    "densenet121": keras.applications.DenseNet121, "densenet169": keras.applications.DenseNet169,
    "densenet201": keras.applications.DenseNet201, "inception_resnet_v2": keras.applications.InceptionResNetV2,
    "vgg16": keras.applications.VGG16,
}
CONTRIB = {"densenet121": (64, 32, (6, 12, 24, 16)), "densenet161": (96, 48, (6, 12, 36, 24)),
           "densenet169": (64, 32, (6, 12, 32, 32))}

# model, source, sizes, and for training: picture size, batch, cuts
CASES = [
    ("densenet121", "keras", (64, 75), (64, 4, "stem", "block4")),
    ("densenet169", "keras", (64, 75), None),
    ("densenet201", "keras", (64, 75), (64, 4, "stem", "block4")),
    ("densenet121", "keras-contrib", (64, 75), (64, 4, "stem", "block4")),
    ("densenet161", "keras-contrib", (64, 75), (64, 4, "stem", "block4")),
    ("densenet169", "keras-contrib", (64, 75), None),
    ("inception_resnet_v2", "keras", (75, 96), (75, 8, "stem", "block8_2")),
    ("vgg16", "keras", (64, 75), (64, 4, "block1", "block5")),
]


def build(name, source, size):
    """The model on the formula's parameters."""
    keras.utils.clear_session()
    if source == "keras-contrib":
        model, stage = contrib_densenet(*CONTRIB[name], size), contrib_stage
    else:
        model = APPLICATIONS[name](weights=None, classes=formula.CLASSES, input_shape=(size, size, 3), classifier_activation=None)
        stage = {"d": densenet_stage, "i": inception_stage, "v": vgg_stage}[name[0]]
    for w in model.weights:
        w.assign(formula.parameter(w.path, tuple(w.shape), kernel_first=False))
    return model, stage


def infer(name, source, size):
    model, _ = build(name, source, size)
    features = model.get_layer("block5_pool" if name == "vgg16" else "avg_pool").output
    both = keras.Model(model.input, [model.output, features])
    logits, features = (np.asarray(y) for y in jax.jit(lambda x: both(x, training=False))(formula.pictures(2, size).astype(np.float64)))
    assert logits.dtype == np.float64
    return formula.inference(size, logits, features.mean((1, 2)) if features.ndim == 4 else features)


def train(name, source, size, batch, cut):
    model, stage = build(name, source, size)
    order = list(dict.fromkeys(stage(w.path) for w in model.weights))
    frozen = lambda path: order.index(stage(path)) < order.index(cut)
    for layer in model.layers:
        layer.trainable = not (layer.weights and frozen(layer.weights[0].path))
    x, y = jnp.asarray(formula.pictures(batch, size), jnp.float64), formula.labels(batch)

    def loss(trainable, others):
        logits, updated = model.stateless_call(trainable, others, x, training=True)
        return -jnp.mean(jax.nn.log_softmax(logits)[np.arange(batch), y]), updated

    others = [w.value for w in model.non_trainable_variables]
    (value, updated), gradients = jax.jit(jax.value_and_grad(loss, has_aux=True))([w.value for w in model.trainable_variables], others)
    statistics = lambda values: {w.path: np.asarray(v) for w, v in zip(model.non_trainable_variables, values) if "/moving_" in w.path}
    before, after = statistics(others), statistics(updated)
    assert all((before[path] == after[path]).all() for path in after if frozen(path))
    return formula.step(cut, value, {w.path: v for w, v in zip(model.trainable_variables, gradients)},
                        before, {path: v for path, v in after.items() if not frozen(path)}, stage)


for name, source, sizes, training in CASES:
    if sys.argv[1:] and f"{name}-{source}" not in sys.argv[1:]:
        continue
    golden = {}
    if training:
        size, batch, *cuts = training
        golden = {"size": size, "batch": batch, "steps": [train(name, source, size, batch, cut) for cut in cuts]}
    inferences = [infer(name, source, size) for size in sizes]
    model, _ = build(name, source, sizes[0])
    formula.write(name, source, f"Keras {keras.__version__}, JAX {jax.__version__}",
                  {w.path: tuple(w.shape) for w in model.weights}, inferences, golden)
    print(name, source, flush=True)
