"""Makes the fixtures with Python's own library: pip install safetensors==0.8.0 torch==2.15.0 numpy==2.4.6"""
import numpy as np
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_torch

tensors = {"kernel": np.arange(1, 5, dtype=np.float32).reshape(2, 2), "scalar": np.full((), 0.25, np.float32)}
save_file(tensors, "python.safetensors", metadata={"made by": "safetensors 0.8.0", "for": "Go"})

# The i-th value of a tensor is i - 1.5, exact in every floating-point type; integers count from 0.
values = torch.arange(6, dtype=torch.float64).reshape(2, 3) - 1.5
integers = torch.arange(6).reshape(2, 3)
save_torch({
    "f16": values.half(), "bf16": values.bfloat16(), "f32": values.float(), "f64": values,
    "f8": values.to(torch.float8_e4m3fn), "i64": integers, "i32": integers.int(), "u8": integers.byte(),
    "bool": integers > 2, "c64": values.to(torch.complex64),
}, "types.safetensors")
