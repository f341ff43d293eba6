"""Makes golden.json: losses and their gradients by PyTorch, in float64.

    python3 -m pip install torch==2.15.0 numpy==2.4.6
    python3 golden.py > golden.json

Cross-entropy is torch's own. The others are written here from the formulas of their papers, for class numbers. Every
case has the losses of the pictures (class weights in, nothing divided), their mean, and the mean's gradient by the
logits. The last picture is filling: weight 0. "cosines" are the logits of a normalised head.
"""

import json

import torch
from torch.nn.functional import cross_entropy, linear, normalize, one_hot

torch.set_default_dtype(torch.float64)
pictures, classes = 7, 5
# Multiples of 1/8 are exact in float32.
logits = torch.round(torch.sin(torch.arange(pictures * classes) * 1.3 + 0.4) * 24).reshape(pictures, classes) / 8
labels = torch.tensor([0, 4, 1, 2, 0, 3, 2])
soft = torch.round(torch.sin(torch.arange(pictures * classes) * 2.1).reshape(pictures, classes).exp() * 16)
soft = soft / soft.sum(1, keepdim=True)
soft[2] = one_hot(torch.tensor(3), classes)
soft[4] = torch.tensor([0, 0.75, 0, 0.25, 0])
soft = soft.float().double()
examples = torch.tensor([1, 1, 1, 1, 1, 1, 0.0])
weights = torch.tensor([0.25, 1, 2.5, 4, 0.5])
counts = torch.tensor([4875, 120, 20, 4, 700.0])


def average(per_picture, picture_weights):
    return (per_picture * examples).sum() / (picture_weights * examples).sum()


def own(z, y):
    return z.gather(1, y[:, None]).squeeze(1)


def torch_cross_entropy(z, t, w=None, smoothing=0.0):
    each = cross_entropy(z, t, weight=w, label_smoothing=smoothing, reduction="none")
    if w is None:
        return each, average(each, torch.ones(pictures))
    if t.dtype == torch.long:
        mean = average(each, w[t])
        real = examples > 0
        assert torch.allclose(mean, cross_entropy(z[real], t[real], weight=w, label_smoothing=smoothing))
        return each, mean
    return each, average(each, t @ w)  # torch's own mean divides by the number of pictures


def focal(z, y, gamma, w=None):
    p = own(z.softmax(1), y)
    each = -((1 - p) ** gamma) * p.log() * (1 if w is None else w[y])
    return each, average(each, torch.ones(pictures))


def class_balanced_focal(z, y, beta, gamma):
    w = (1 - beta) / (1 - beta**counts)
    return focal(z, y, gamma, w * classes / w.sum())


def ldam(z, y, largest, scale, w=None):
    margins = counts**-0.25
    margins = margins * largest / margins.max()
    shifted = z.clone()
    shifted[torch.arange(pictures), y] = own(z, y) - margins[y]
    return torch_cross_entropy(scale * shifted, y, w)


def balanced_softmax(z, y):
    p = own(counts * z.exp(), y) / (counts * z.exp()).sum(1)
    return -p.log(), average(-p.log(), torch.ones(pictures))


def logit_adjusted(z, t, tau, w=None, smoothing=0.0):
    return torch_cross_entropy(z + tau * (counts / counts.sum()).log(), t, w, smoothing)


def soft_f1(z, t):
    p, t = z.softmax(1)[examples > 0], t[examples > 0]
    precision, recall = (p * t).sum(0) / p.sum(0), (p * t).sum(0) / t.sum(0)
    here = t.sum(0) > 0
    return None, (1 - 2 * precision * recall / (precision + recall))[here].mean()


def both(z, t, factor, **settings):
    each, mean = torch_cross_entropy(z, t, **settings)
    dense = one_hot(t, classes).double() if t.dtype == torch.long else t
    return each, mean + factor * soft_f1(z, dense)[1]


def case(name, config, function, targets=labels, weighted=False):
    z = logits.clone().requires_grad_()
    per_picture, mean = function(z)
    (gradient,) = torch.autograd.grad(mean, z)
    result = {"name": name, "config": config, "soft": targets is soft, "weighted": weighted, "mean": mean.item()}
    if per_picture is not None:
        result["per_example"] = per_picture.tolist()
    result["gradient"] = gradient.flatten().tolist()
    return result


ce = torch_cross_entropy
cases = [
    case("cross-entropy", {}, lambda z: ce(z, labels)),
    case("cross-entropy, weights", {}, lambda z: ce(z, labels, weights), weighted=True),
    case("cross-entropy, smoothing", {"smoothing": 0.1}, lambda z: ce(z, labels, None, 0.1)),
    case("cross-entropy, weights, smoothing", {"smoothing": 0.2}, lambda z: ce(z, labels, weights, 0.2), weighted=True),
    case("cross-entropy, soft", {}, lambda z: ce(z, soft), soft),
    case("cross-entropy, soft, weights", {}, lambda z: ce(z, soft, weights), soft, True),
    case("cross-entropy, soft, weights, smoothing", {"smoothing": 0.1}, lambda z: ce(z, soft, weights, 0.1), soft, True),
    case("focal", {"name": "focal"}, lambda z: focal(z, labels, 2)),
    case("focal 0.5", {"name": "focal", "gamma": 0.5}, lambda z: focal(z, labels, 0.5)),
    case("focal, weights", {"name": "focal", "gamma": 1}, lambda z: focal(z, labels, 1, weights), weighted=True),
    case("class-balanced focal", {"name": "class-balanced-focal"}, lambda z: class_balanced_focal(z, labels, 0.999, 2)),
    case(
        "class-balanced focal, settings",
        {"name": "class-balanced-focal", "beta": 0.9, "gamma": 1},
        lambda z: class_balanced_focal(z, labels, 0.9, 1),
    ),
    case("ldam", {"name": "ldam"}, lambda z: ldam(z, labels, 0.5, 30)),
    case("ldam, settings", {"name": "ldam", "max_margin": 0.8, "scale": 2}, lambda z: ldam(z, labels, 0.8, 2)),
    case("ldam, weights", {"name": "ldam", "scale": 1}, lambda z: ldam(z, labels, 0.5, 1, weights), weighted=True),
    case("balanced softmax", {"name": "balanced-softmax"}, lambda z: balanced_softmax(z, labels)),
    case("logit-adjusted", {"name": "logit-adjusted"}, lambda z: logit_adjusted(z, labels, 1)),
    case("logit-adjusted 1.5", {"name": "logit-adjusted", "tau": 1.5}, lambda z: logit_adjusted(z, labels, 1.5)),
    case(
        "logit-adjusted, soft, weights, smoothing",
        {"name": "logit-adjusted", "smoothing": 0.1},
        lambda z: logit_adjusted(z, soft, 1, weights, 0.1),
        soft,
        True,
    ),
    case("soft F1", {"name": "soft-f1"}, lambda z: soft_f1(z, one_hot(labels, classes).double())),
    case("soft F1, soft", {"name": "soft-f1"}, lambda z: soft_f1(z, soft), soft),
    case("both", {"name": "cross-entropy+soft-f1"}, lambda z: both(z, labels, 2)),
    case(
        "both, settings",
        {"name": "cross-entropy+soft-f1", "f1_weight": 0.5, "smoothing": 0.1},
        lambda z: both(z, labels, 0.5, w=weights, smoothing=0.1),
        weighted=True,
    ),
]


def cosines():
    features = (torch.sin(torch.arange(12) * 1.7) * 16).round().reshape(4, 3).requires_grad_()
    kernel = (torch.cos(torch.arange(15) * 2.3) * 16).round().reshape(3, 5).requires_grad_()
    out = linear(normalize(features, dim=1), normalize(kernel, dim=0).T)
    factors = torch.arange(20).reshape(4, 5) / 8  # makes a scalar of the logits
    gradients = torch.autograd.grad((out * factors).sum(), (features, kernel))
    named = {"features": features, "kernel": kernel, "cosines": out, "factors": factors}
    named |= {"features_gradient": gradients[0], "kernel_gradient": gradients[1]}
    return {name: short(values.flatten().tolist()) for name, values in named.items()}


def short(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list):
        return [short(v) for v in value]
    return value


inputs = {
    "classes": classes,
    "logits": logits.flatten().tolist(),
    "labels": labels.tolist(),
    "soft": soft.flatten().tolist(),
    "examples": examples.tolist(),
    "weights": weights.tolist(),
    "counts": counts.long().tolist(),
}
lines = [json.dumps({k: short(v) for k, v in c.items()}) for c in cases]
print('{"inputs": ' + json.dumps(inputs) + ',\n"cosines": ' + json.dumps(cosines()) + ',\n"cases": [\n' + ",\n".join(lines) + "\n]}")
