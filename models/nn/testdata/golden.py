"""Makes golden.json: layers computed by plain NumPy loops. Run: python3 golden.py > golden.json"""
import json

import numpy as np


def formula(*shape, scale=1.0, offset=0.0):
    """The i-th value in row-major order is offset + scale·sin(0.7·i + 0.3); the Go test computes the same."""
    n = int(np.prod(shape))
    return (offset + scale * np.sin(0.7 * np.arange(n) + 0.3)).reshape(shape)


def windows(x, height, width, stride, pad, fill):
    """pad is (top, bottom, left, right)."""
    x = np.pad(x, ((0, 0), (pad[0], pad[1]), (pad[2], pad[3]), (0, 0)), constant_values=fill)
    rows, columns = (x.shape[1] - height) // stride + 1, (x.shape[2] - width) // stride + 1
    for r in range(rows):
        for c in range(columns):
            yield r, c, x[:, r * stride:r * stride + height, c * stride:c * stride + width, :]


def assemble(found):
    """{(row, column): [batch, channels]} to [batch, rows, columns, channels]."""
    return np.array([[found[r, c] for c in range(max(found)[1] + 1)] for r in range(max(found)[0] + 1)]).transpose(2, 0, 1, 3)


def pool(x, k, stride, pad, reduce, fill):
    return assemble({(r, c): reduce(w, axis=(1, 2)) for r, c, w in windows(x, k, k, stride, pad, fill)})


def conv(x, kernel, stride, pad, bias=0.0):
    return assemble({(r, c): np.einsum("bhwi,hwio->bo", w, kernel) + bias
                     for r, c, w in windows(x, kernel.shape[0], kernel.shape[1], stride, pad, 0.0)})


def same(x, k, stride):
    """TensorFlow's padding "SAME", as its documentation defines it."""
    def along(size):
        total = max(k - stride, 0) if size % stride == 0 else max(k - size % stride, 0)
        return total // 2, total - total // 2
    return along(x.shape[1]) + along(x.shape[2])


def adaptive(x, height, width):
    """torch's AdaptiveAvgPool2d."""
    def part(i, size, to):
        return slice(int(np.floor(i * size / to)), int(np.ceil((i + 1) * size / to)))
    return assemble({(r, c): x[:, part(r, x.shape[1], height), part(c, x.shape[2], width), :].mean((1, 2))
                     for r in range(height) for c in range(width)})


x = formula(2, 7, 6, 3)
scale, offset = formula(3, scale=0.5, offset=1.0), formula(3)
mean, variance = formula(3, scale=0.2), formula(3, scale=0.4, offset=1.0)
batch_mean, batch_variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
n = x.size // 3

out = {
    "conv 3x3 stride 2 padding 1": conv(x, formula(3, 3, 3, 4), 2, (1, 1, 1, 1)),
    "conv 1x1": conv(x, formula(1, 1, 3, 5), 1, (0, 0, 0, 0)),
    "conv 1x1 stride 2": conv(x, formula(1, 1, 3, 5), 2, (0, 0, 0, 0)),
    "conv 3x3 asymmetric padding, bias": conv(x, formula(3, 3, 3, 4), 2, (0, 1, 0, 1), formula(4)),
    "conv 1x3": conv(x, formula(1, 3, 3, 4), 1, (0, 0, 1, 1)),
    "conv 3x3 stride 2 same": conv(x, formula(3, 3, 3, 4), 2, same(x, 3, 2)),
    "max pool 3 stride 2 padding 1": pool(x - 5, 3, 2, (1, 1, 1, 1), np.max, -np.inf),
    "max pool 3 stride 2 same": pool(x - 5, 3, 2, same(x, 3, 2), np.max, -np.inf),
    "average pool 2": pool(x, 2, 2, (0, 0, 0, 0), np.mean, 0.0),
    "average pool 3 padding 1": pool(x, 3, 1, (1, 1, 1, 1), np.nanmean, np.nan),
    "adaptive average pool to fewer": adaptive(x, 3, 4),
    "adaptive average pool to more": adaptive(x, 8, 9),
    "global average pool": x.mean((1, 2)),
    "dense": x.mean((1, 2)) @ formula(3, 4) + formula(4),
    "dense of rank 4": x @ formula(3, 4) + formula(4),
    "batch norm train": (x - batch_mean) / np.sqrt(batch_variance + 1e-5) * scale + offset,
    "batch norm train, running mean": 0.9 * mean + 0.1 * batch_mean,
    "batch norm train, running variance": 0.9 * variance + 0.1 * batch_variance * n / (n - 1),
    "batch norm inference": (x - mean) / np.sqrt(variance + 1e-5) * scale + offset,
    "batch norm train, Keras without scale": (x - batch_mean) / np.sqrt(batch_variance + 1e-3) + offset,
    "batch norm train, Keras without scale, running mean": 0.99 * mean + 0.01 * batch_mean,
    "batch norm train, Keras without scale, running variance": 0.99 * variance + 0.01 * batch_variance,
    "batch norm inference, Keras without scale": (x - mean) / np.sqrt(variance + 1e-3) + offset,
}
print(json.dumps({name: {"shape": list(v.shape), "values": [float(f"{f:.7g}") for f in v.ravel()]} for name, v in out.items()}))
