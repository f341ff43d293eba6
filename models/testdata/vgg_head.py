"""Makes vgg_head.json: logits of VGG's classifier on features of several sizes, by the libraries' own modules, shrunk to
2 channels, 3 units and 4 classes. Needs torch, torchvision and timm. Run: python3 vgg_head.py > vgg_head.json"""
import json

import numpy as np
import torch
from timm.layers import ClassifierHead
from timm.models.vgg import ConvMlp
from torchvision.models import VGG


def formula(*shape, offset=0.0):
    """The i-th value in row-major order is offset + sin(0.7·i + 0.3); the Go test computes the same."""
    return (offset + np.sin(0.7 * np.arange(int(np.prod(shape))) + 0.3)).reshape(shape).astype(np.float32)


fc1, fc2, classifier = formula(7 * 7 * 2, 3), formula(3, 3), formula(3, 4)  # [in, out], as ours
bias3, bias4 = formula(3, offset=1.0), formula(4)


def fill(layer, weight, bias):
    layer.weight.data = torch.from_numpy(weight.copy())
    layer.bias.data = torch.from_numpy(bias.copy())


def torchvision():
    net = VGG(torch.nn.Identity(), num_classes=4)
    net.classifier[0], net.classifier[3], net.classifier[6] = torch.nn.Linear(98, 3), torch.nn.Linear(3, 3), torch.nn.Linear(3, 4)
    fill(net.classifier[0], fc1.reshape(7, 7, 2, 3).transpose(3, 2, 0, 1).reshape(3, 98), bias3)
    fill(net.classifier[3], fc2.T, bias3)
    fill(net.classifier[6], classifier.T, bias4)
    return net.eval()


def timm():
    mlp, head = ConvMlp(2, 3, 7), ClassifierHead(3, 4)
    fill(mlp.fc1, fc1.reshape(7, 7, 2, 3).transpose(3, 2, 0, 1), bias3)
    fill(mlp.fc2, fc2.T.reshape(3, 3, 1, 1), bias3)
    fill(head.fc, classifier.T, bias4)
    return torch.nn.Sequential(mlp, head).eval()


cases = []
for source, net in {"torchvision": torchvision(), "timm": timm()}.items():
    for height, width in [(7, 7), (9, 8), (3, 2), (9, 3)]:
        features = torch.from_numpy(formula(2, height, width, 2, offset=1.0)).permute(0, 3, 1, 2)
        with torch.no_grad():
            logits = net(features).numpy()
        cases.append({"source": source, "height": height, "width": width, "logits": [[float(f"{v:.7g}") for v in row] for row in logits]})
print(json.dumps(cases, indent=1))
