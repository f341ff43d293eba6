"""What from_keras.py and from_torch.py have in common: the formula of all numbers that go into a network, and the golden
files. The Go tests compute the same formula, so that no weights have to be stored."""
import json
import zlib

import numpy as np

CLASSES = 10


def mix(x):
    """lowbias32 (Wellons 2018), a mixer of 32-bit numbers."""
    x = x ^ (x >> np.uint32(16))
    x = x * np.uint32(0x7FEB352D)
    x = x ^ (x >> np.uint32(15))
    x = x * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def uniform(name, n):
    """n numbers in [-1, 1), each a hash of the name and its index, exact in float32."""
    h = mix(mix(np.arange(n, dtype=np.uint32)) ^ np.uint32(zlib.crc32(name.encode())))
    return (h >> np.uint32(8)).astype(np.float64) / 2**23 - 1


def parameter(name, shape, kernel_first):
    """The value of a tensor: which kind it is shows in the last part of its name and in its rank. kernel_first: the
    output channels are the first axis of a kernel (torch), not the last (Keras). Rounded to float32."""
    v = uniform(name, int(np.prod(shape)))
    leaf = name.replace("/", ".").split(".")[-1]
    if leaf in ("kernel", "weight") and len(shape) > 1:
        fan_in = np.prod(shape[1:] if kernel_first else shape[:-1])
        v *= np.sqrt(6 / fan_in)  # keeps the second moment of activations through convolution and ReLU
    elif leaf in ("gamma", "weight"):
        v = 1 + 0.2 * v
    elif leaf in ("moving_mean", "running_mean"):
        v *= 0.2
    elif leaf in ("moving_variance", "running_var"):
        v = 1 + 0.5 * v
    elif leaf in ("beta", "bias"):
        v *= 0.1
    else:
        raise ValueError(f"what is {name}?")
    return v.astype(np.float32).reshape(shape)


def pictures(batch, size):
    """What a network is given, [batch, size, size, 3]: as if preprocessed, of variance 1."""
    v = uniform("pictures", batch * size * size * 3) * np.sqrt(3)
    return v.astype(np.float32).reshape(batch, size, size, 3)


def labels(batch):
    return (3 * np.arange(batch) + 1) % CLASSES


def digest(features):
    """[batch, channels] → every 64th channel, then the mean and the root of the mean square of all."""
    features = np.asarray(features, np.float64)
    return np.concatenate([features[:, ::64], features.mean(1)[:, None], np.sqrt((features**2).mean(1))[:, None]], axis=1)


def inference(size, logits, features):
    return {"size": size, "logits": rounded(logits), "features": rounded(digest(features))}


def step(cut, loss, gradients, before, after, stage_of):
    """What one training step from a cut on did: gradients, and the statistics before and after it, by tensor name."""
    norms = lambda values: {stage: rounded(np.sqrt(sum((v**2).sum() for v in group)))
                            for stage, group in by_stage(values, stage_of).items()}
    change = {name: after[name] - before[name] for name in after}
    named = lambda *leaves: {name: v for name, v in change.items() if name.replace("/", ".").split(".")[-1] in leaves}
    return {
        "cut": cut, "loss": rounded(loss), "gradients": norms(gradients),
        "means": norms(named("moving_mean", "running_mean")), "variances": norms(named("moving_variance", "running_var")),
    }


def by_stage(values, stage_of):
    stages = {}
    for name, v in values.items():
        stages.setdefault(stage_of(name), []).append(np.asarray(v, np.float64))
    return stages


def rounded(values):
    values = np.asarray(values, np.float64)
    return float(f"{values:.9g}") if values.ndim == 0 else [rounded(v) for v in values]


NORM_LEAVES = ("weight,bias,running_mean,running_var", "gamma,beta,moving_mean,moving_variance")  # a * stands for them


def tensor_lines(shapes):
    """name → shape, as lines "layer leaf,leaf=dims leaf=dims": all leaves of a layer, those of one shape together."""
    layers = {}
    for name, shape in shapes.items():
        at = max(name.rfind("."), name.rfind("/"))
        layer = layers.setdefault(name[:at + 1], {})
        layer.setdefault("x".join(map(str, shape)), []).append(name[at + 1:])
    leaves_of = lambda leaves: "*" if ",".join(leaves) in NORM_LEAVES else ",".join(leaves)
    return [" ".join([layer] + [f"{leaves_of(leaves)}={dims}" for dims, leaves in fields.items()])
            for layer, fields in layers.items()]


def write(model, source, made_with, tensors, inferences, training):
    golden = {"model": model, "source": source, "made_with": made_with, "inference": inferences}
    if training:
        golden["training"] = training
    golden["tensors"] = tensor_lines(tensors)
    text = json.dumps(golden, separators=(",", ":"))
    for mark in ('"model"', '"inference"', '{"size"', '"training"', '{"cut"', '"tensors"'):
        text = text.replace(mark, "\n" + mark)
    head, lines = text.split('"tensors":')
    with open(f"{model}-{source}.json", "w") as f:
        f.write(head + '"tensors":' + lines.replace('","', '",\n"') + "\n")
