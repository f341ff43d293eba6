"""Makes the fixtures with PyTorch: pip install torch==2.15.0. The Go test computes the same numbers."""
import warnings
from collections import OrderedDict

import torch
from torch import nn


def count(*shape):
    """The k-th number in row-major order is k/8 - 1: exact in every type, also in float16 and bfloat16."""
    return (torch.arange(torch.Size(shape).numel()) / 8 - 1).reshape(shape)


base = count(2, 3, 4)
tensors = OrderedDict({
    "f32": base,
    "f16": base.half(),
    "bf16": base.bfloat16(),
    "f64": base.double(),
    "num_batches_tracked": torch.tensor(7),
    "bool": base > 0,
    "scalar": torch.tensor(0.25),
    "empty": torch.zeros(0, 3),
    "permuted": base.permute(2, 0, 1),  # shares the storage of f32
    "sliced": base[1, :, ::2],  # the same, with an offset
    "expanded": count(2).expand(3, 2),  # stride 0
    "channels_last": count(2, 3, 2, 2).contiguous(memory_format=torch.channels_last),
})
torch.save(tensors, "zip.pth")
torch.save(tensors, "legacy.pth", _use_new_zipfile_serialization=False)
torch.save(tensors, "zip4.pth", pickle_protocol=4)
torch.save(tensors, "legacy4.pth", _use_new_zipfile_serialization=False, pickle_protocol=4)

# A training checkpoint: the network's state_dict, with the metadata that Module.state_dict attaches, beside much else.
net = nn.Sequential(OrderedDict(conv=nn.Conv2d(1, 2, 3), norm=nn.BatchNorm2d(2)))
with torch.no_grad():
    for p in net.parameters():
        p.copy_(count(*p.shape))
optimizer = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9)
net(torch.ones(1, 1, 4, 4)).sum().backward()
optimizer.step()
with torch.no_grad():
    for p in net.parameters():
        p.copy_(count(*p.shape))
torch.save({
    "epoch": 3, "arch": "small", "best_acc1": torch.tensor(0.5), "lr": [0.1, 0.01], "none": None, "size": base.shape,
    "state_dict": nn.DataParallel(net).state_dict(), "optimizer": optimizer.state_dict(),
}, "checkpoint.pth")
torch.save({"state_dict": {"w": count(2)}, "state_dict_ema": {"w": count(3)}}, "ema.pth")

annotated = nn.Parameter(count(3))
annotated.note = "an attribute"
torch.save({"weight": nn.Parameter(base), "bias": annotated}, "parameter.pth")
torch.save({"f32": base, "u16": torch.arange(3).to(torch.uint16), "f8": base.to(torch.float8_e4m3fn)}, "untyped.pth")
torch.save(net, "module.pth")
torch.save({"a": torch.eye(2).to_sparse()}, "sparse.pth")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    torch.jit.save(torch.jit.script(nn.ReLU()), "script.pth")
