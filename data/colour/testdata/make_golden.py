"""Writes histograms.json: blurred pictures, hues, saturations and histograms by OpenCV, NumPy and the study's steps.

    python3 -m pip install numpy==2.4.6 opencv-python-headless==4.13.0.92
    python3 make_golden.py > histograms.json
"""

import base64
import json
import zlib

import cv2
import numpy as np


def pattern(width, height):
    """A smooth picture with some noise; the test draws the same."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3].astype(np.uint64)
    noise = (x * 7919 + y * 104729 + c * 1299709) * 2654435761 % 2**32 >> 27
    return ((x * (c + 1) * 3 + y * (5 - c) + c * 60 + noise) % 256).astype(np.uint8)


def packed(array):
    return base64.b64encode(zlib.compress(array.tobytes(), 9)).decode()


def histogram(levels):
    return np.histogram(levels, bins=100, range=(0, 255))[0] - np.eye(100, dtype=int)[99] * np.sum(levels == 255)


def features(counts):
    norm = np.linalg.norm(counts)
    return counts / norm if norm else counts.astype(float)


def middle(picture):
    blurred = cv2.GaussianBlur(picture, (7, 7), 0)
    hsv = cv2.cvtColor(blurred, cv2.COLOR_RGB2HSV)
    counts = [histogram(hsv[..., channel]) for channel in (0, 1)]
    for channel in (0, 1):
        by_opencv = cv2.calcHist([hsv], [channel], None, [100], [0, 255]).ravel()
        assert np.array_equal(counts[channel], by_opencv), "NumPy and OpenCV count differently"
    return blurred, counts


def case(name, picture):
    counts = middle(picture)[1]
    return {
        "name": name,
        "hue": counts[0].tolist(),
        "saturation": counts[1].tolist(),
        "features": [round(x, 12) for x in np.concatenate([features(c) for c in counts]).tolist()],
    }


# Every hue and saturation: a grid of colours, each channel in steps of 15.
steps = np.arange(0, 256, 15, dtype=np.uint8)
grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(1, -1, 3)
small = pattern(23, 11)
red = np.full((200, 200, 3), (255, 0, 0), np.uint8)
print(json.dumps({
    "hsv": packed(cv2.cvtColor(grid, cv2.COLOR_RGB2HSV)[0, :, :2]),
    "blurred": packed(cv2.GaussianBlur(small, (7, 7), 0)),
    "pictures": [case("pattern", pattern(200, 200)), case("red", red), case("grey", np.full_like(red, 99))],
}))
