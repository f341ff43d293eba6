"""Writes the arrays of this folder with NumPy itself.

    python3 -m pip install numpy==2.4.6
    python3 make.py
"""

import numpy as np

counting = np.arange(6, dtype=np.float32).reshape(2, 3) / 4
np.save("f4.npy", counting)
np.save("f8.npy", counting.astype("<f8"))
np.save("vector.npy", counting.ravel())
np.save("scalar.npy", np.float32(2.5))
np.save("empty.npy", np.zeros((0, 403), np.float32))
np.save("columns.npy", np.asfortranarray(counting))
np.save("f2.npy", counting.astype("<f2"))
np.save("i8.npy", counting.astype("<i8"))
np.save("big.npy", counting.astype(">f4"))
np.save("record.npy", np.zeros(2, dtype=[("a", "<f4")]))
with open("version2.npy", "wb") as f:
    np.lib.format.write_array(f, counting, version=(2, 0))
