"""Makes the golden files of torchvision and timm, in float64:

    pip install torch==2.15.0 torchvision==0.29.2 timm==1.0.31 numpy==2.4.6 && python3 from_torch.py [model-source]…
"""
import functools
import re
import sys

import numpy as np
import timm
import torch
import torchvision

import formula


def densenet_stage(name):
    if found := re.match(r"features\.(?:dense)?(block|transition)(\d)\.", name):
        return found[1] + found[2]
    return {"conv0": "stem", "norm0": "stem", "norm5": "features"}[name.split(".")[1]] if name[0] == "f" else "head"


def inception_stage(name):
    if found := re.match(r"(repeat|repeat_1|repeat_2)\.(\d+)\.", name):
        block = {"repeat": "block35", "repeat_1": "block17", "repeat_2": "block8"}[found[1]]
        return f"{block}_{int(found[2]) + 1}"
    return {"conv2d_1a": "stem", "conv2d_2a": "stem", "conv2d_2b": "stem", "conv2d_3b": "stem", "conv2d_4a": "stem",
            "block8": "block8_10", "conv2d_7b": "features", "classif": "head"}.get(name.split(".")[0], name.split(".")[0])


def vgg_stage(model, name):
    if found := re.match(r"features\.(\d+)\.", name):
        pools = [i for i, layer in enumerate(model.features) if isinstance(layer, torch.nn.MaxPool2d)]
        return f"block{1 + sum(pool < int(found[1]) for pool in pools)}"
    return {"classifier.0": "fc1", "classifier.3": "fc2", "classifier.6": "head",
            "pre_logits.fc1": "fc1", "pre_logits.fc2": "fc2", "head.fc": "head"}[name.rpartition(".")[0]]


# model, source, sizes, and for training: picture size, batch, cuts
CASES = [
    ("densenet121", "torchvision", (64, 75), (64, 4, "stem", "block4")),
    ("densenet121", "timm", (64, 75), None),
    ("densenet161", "torchvision", (64, 75), None),
    ("densenet169", "torchvision", (64, 75), (64, 4, "stem", "block4")),
    ("densenet201", "torchvision", (64, 75), None),
    ("inception_resnet_v2", "timm", (75, 96), (75, 8, "stem", "block8_2")),
    ("vgg16", "torchvision", (64, 75, 256), (64, 4, "block1", "block5")),
    ("vgg16", "timm", (64, 75, 256), None),
    ("vgg16_bn", "torchvision", (64, 75), (64, 4, "block1", "block5")),
    ("vgg16_bn", "timm", (64, 75), None),
]


def build(name, source):
    """The model without dropout, on the formula's parameters."""
    if source == "timm":
        model = timm.create_model(name, num_classes=formula.CLASSES)
    else:
        model = torchvision.models.get_model(name, num_classes=formula.CLASSES)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    model = model.double()
    with torch.no_grad():
        for path, value in tensors(model).items():
            value.copy_(torch.from_numpy(formula.parameter(path, tuple(value.shape), kernel_first=True)))
    stage = {"d": densenet_stage, "i": inception_stage, "v": functools.partial(vgg_stage, model)}[name[0]]
    return model, stage


def tensors(model):
    """All but the counters of batches, which have no effect on anything here."""
    return {name: value for name, value in model.state_dict().items() if not name.endswith("num_batches_tracked")}


def pictures(batch, size):
    return torch.from_numpy(formula.pictures(batch, size)).permute(0, 3, 1, 2).double()


def infer(model, source, size):
    model.eval()
    with torch.no_grad():
        x = pictures(2, size)
        features = model.forward_features(x) if source == "timm" else model.features(x)
        if isinstance(model, torchvision.models.DenseNet):
            features = torch.relu(features)
        if features.shape[1] == 4096:  # timm counts VGG's hidden layers as features
            features = model.features(x)
        return formula.inference(size, model(x), features.mean((2, 3)))


def train(name, source, size, batch, cut):
    model, stage = build(name, source)
    order = list(dict.fromkeys(stage(path) for path in tensors(model)))
    frozen = lambda path: order.index(stage(path)) < order.index(cut)
    for path, module in model.named_modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.train(not frozen(path + "."))
    for path, value in model.named_parameters():
        value.requires_grad_(not frozen(path))
    statistics = lambda: {path: value.numpy().copy() for path, value in tensors(model).items() if "running" in path}
    before = statistics()
    loss = torch.nn.functional.cross_entropy(model(pictures(batch, size)), torch.from_numpy(formula.labels(batch)))
    loss.backward()
    gradients = {path: value.grad.numpy() for path, value in model.named_parameters() if value.requires_grad}
    after = {path: value for path, value in statistics().items() if not frozen(path)}
    return formula.step(cut, loss.item(), gradients, before, after, stage)


def main():
    for name, source, sizes, training in CASES:
        if sys.argv[1:] and f"{name}-{source}" not in sys.argv[1:]:
            continue
        model, _ = build(name, source)
        golden = {}
        if training:
            size, batch, *cuts = training
            golden = {"size": size, "batch": batch, "steps": [train(name, source, size, batch, cut) for cut in cuts]}
        library = timm if source == "timm" else torchvision
        formula.write(name, source, f"{source} {library.__version__}, torch {torch.__version__}",
                      {path: tuple(value.shape) for path, value in tensors(model).items()},
                      [infer(model, source, size) for size in sizes], golden)
        print(name, source, flush=True)


if __name__ == "__main__":
    main()
