"""Makes steps/densenet121.json, in float64: the losses of ten steps of torchvision's DenseNet-121, fine-tuned from block 4
on sixteen new pictures a step, at rates that let rounding grow little. What lies below is frozen and normalises by its
running statistics. Run in this folder: python3 ten_steps.py, with what from_torch.py needs."""
import json

import torch

import formula
from from_torch import build, tensors

SIZE, BATCH, STEPS = 128, 16, 10


def run(make, weighted):
    model, stage = build("densenet121", "torchvision")
    trained = lambda path: stage(path) in ("block4", "features", "head")
    for path, module in model.named_modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.train(trained(path + "."))
    for path, value in model.named_parameters():
        value.requires_grad_(trained(path))
    optimizer = make([value for value in model.parameters() if value.requires_grad])
    x = torch.from_numpy(formula.pictures(BATCH * STEPS, SIZE)).permute(0, 3, 1, 2).double()
    y = torch.from_numpy(formula.labels(BATCH * STEPS))
    weight = 1 / (1 + torch.arange(formula.CLASSES, dtype=torch.float64)) if weighted else None
    losses = []
    for at in range(0, BATCH * STEPS, BATCH):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x[at:at + BATCH]), y[at:at + BATCH], weight=weight)
        loss.backward()
        optimizer.step()
        losses.append(float(f"{loss.item():.9g}"))
    variance = torch.cat([v.flatten() for name, v in tensors(model).items() if "running_var" in name and trained(name)])
    return {"losses": losses, "variances": float(f"{variance.norm().item():.9g}")}


with open("steps/densenet121.json", "w") as f:
    json.dump({
        "sgd": run(lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9), False),
        "adam": run(lambda p: torch.optim.Adam(p, lr=3e-4, eps=1e-3), False),
        "sgd, weighted classes": run(lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9), True),
    }, f, indent=1)
    f.write("\n")
