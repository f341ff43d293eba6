"""Makes python.safetensors with Python's own library: pip install safetensors==0.6.2 numpy==2.3.4"""
import numpy as np
from safetensors.numpy import save_file

tensors = {"kernel": np.arange(1, 5, dtype=np.float32).reshape(2, 2), "scalar": np.float32(0.25).reshape(())}
save_file(tensors, "python.safetensors", metadata={"made by": "safetensors 0.6.2"})
