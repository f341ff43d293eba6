"""Makes torch.json and schedules.json, in float64. Run in this folder: python from_torch.py (torch 2.15.0, timm 1.0.31)."""
import json

import torch
from timm.utils import ModelEmaV2

from problem import matrix, matrix_curvature, rate, steps, vector, vector_curvature, write

torch.set_default_dtype(torch.float64)


def run(make, decay=0.0, clip=None, accumulate=1, average=None):
    w, v = (torch.tensor(x, requires_grad=True) for x in (matrix, vector))
    a, b = torch.tensor(matrix_curvature), torch.tensor(vector_curvature)
    optimizer = make([{"params": [w], "weight_decay": decay}, {"params": [v], "weight_decay": 0.0}])
    values, n = [], 0.0
    averaged = None
    if average:
        holder = torch.nn.ParameterList([w, v])
        averaged = average(holder)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        optimizer.zero_grad()
        total = sum(range(1, accumulate + 1))
        for part in range(1, accumulate + 1):  # part i has i examples, whose mean loss is that of the problem times i
            loss = part * (0.5 * (a * (w - 1) ** 2).sum() + 0.5 * (b * (v - 1) ** 2).sum())
            (loss * part / total).backward()
        if clip:
            torch.nn.utils.clip_grad_norm_([w, v], clip)
        optimizer.step()
        if averaged is not None:
            update = averaged.update if isinstance(averaged, ModelEmaV2) else averaged.update_parameters
            update(holder)
        shown = [w, v] if averaged is None else list(averaged.module)
        values.append([x for p in shown for x in p.detach().flatten().tolist()])
    return values


optim = torch.optim
write("torch.json", {
    "sgd": run(lambda p: optim.SGD(p, 0.1)),
    "momentum": run(lambda p: optim.SGD(p, 0.1, momentum=0.9), decay=0.1),
    "nesterov": run(lambda p: optim.SGD(p, 0.1, momentum=0.9, nesterov=True), decay=0.1),
    "clipped": run(lambda p: optim.SGD(p, 0.1, momentum=0.9), clip=2.0),
    "adam": run(lambda p: optim.Adam(p, 0.1), decay=0.1),
    "adam, other settings": run(lambda p: optim.Adam(p, 0.1, betas=(0.8, 0.95), eps=1e-3)),
    "adamw": run(lambda p: optim.AdamW(p, 0.1), decay=0.1),
    "rmsprop": run(lambda p: optim.RMSprop(p, 0.1), decay=0.1),
    "rmsprop, momentum": run(lambda p: optim.RMSprop(p, 0.1, momentum=0.8, eps=1.0)),
    "rmsprop, centered": run(lambda p: optim.RMSprop(p, 0.1, alpha=0.9, momentum=0.8, centered=True, eps=1e-2)),
    "accumulated": run(lambda p: optim.Adam(p, 0.1), accumulate=3),
    "accumulated, clipped": run(lambda p: optim.SGD(p, 0.1, momentum=0.9), clip=2.0, accumulate=3),
    "ema": run(lambda p: optim.SGD(p, 0.1), average=lambda m: ModelEmaV2(m, decay=0.7)),
    "swa": run(lambda p: optim.SGD(p, 0.1), average=torch.optim.swa_utils.AveragedModel),
})


def factors(make, epochs=40):
    optimizer = optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule, rates = make(optimizer), []
    for _ in range(epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


losses = [5, 4, 3, 3.5, 3.2, 3.1, 3.00005, 2.5, 2.6, 2.7, 2.8, 2.9, 2.7, 2.6, 2.55, 2.51, 2.6, 2.7, 2.4, 2.45, 2.46, 2.47, 2.48, 2.49, 2.5]


def plateau(**settings):
    optimizer = optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule, rates = optim.lr_scheduler.ReduceLROnPlateau(optimizer, **{"threshold_mode": "abs"} | settings), []
    for loss in losses:
        schedule.step(loss)
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


schedules = optim.lr_scheduler
with open("schedules.json", "w") as f:
    json.dump({
        "one-cycle": factors(lambda o: schedules.OneCycleLR(o, max_lr=1.0, total_steps=40, cycle_momentum=False), 40),
        "one-cycle, other settings": factors(
            lambda o: schedules.OneCycleLR(o, max_lr=1.0, total_steps=40, pct_start=0.25, div_factor=10, final_div_factor=100, cycle_momentum=False), 40),
        "cosine": factors(lambda o: schedules.CosineAnnealingLR(o, 40, eta_min=0.1)),
        "linear": factors(lambda o: schedules.LinearLR(o, 1.0, 0.1, total_iters=40)),
        "losses": losses,
        "plateau": plateau(factor=0.5, patience=2),
        "plateau with cooldown": plateau(factor=0.5, patience=1, cooldown=2, min_lr=0.2),
        "plateau, relative": plateau(factor=0.5, patience=2, threshold=0.1, threshold_mode="rel"),
    }, f, indent=1)
