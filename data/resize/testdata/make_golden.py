"""Writes golden.json: pictures resized by Pillow's BICUBIC and BILINEAR, for resize_test.go. Run: python make_golden.py (Pillow 11.3.0)

Pillow 13 filters columns first where that is less work, which gives slightly different levels when a picture grows one
way and shrinks the other. Earlier versions, among them the one the study used, filter rows first, always."""

import base64
import json
import pathlib

from PIL import Image

# (source width, source height) -> (target width, target height)
CASES = [
    ((97, 61), (32, 32)),  # down, both ways by different factors
    ((13, 11), (40, 30)),  # up
    ((64, 48), (64, 20)),  # one side kept
    ((48, 64), (20, 64)),
    ((30, 20), (30, 20)),  # both kept
    ((200, 3), (7, 29)),  # down one way, up the other
    ((34, 52), (45, 45)),  # up one way, down the other
    ((1, 1), (5, 5)),
    ((2, 5), (1, 1)),
    ((1000, 4), (10, 10)),  # by a large factor
    ((57, 57), (56, 58)),  # by a factor close to 1
]


def picture(width, height):
    """A pattern of edges and noise that resize_test.go makes too."""
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            for c in range(3):
                noise = (x * 7919 + y * 104729 + c * 1299709) * 2654435761 % 2**32 >> 24
                edge = 255 if (x // 5 + y // 3 + c) % 2 else 0
                pixels.append(noise if (x + y) % 4 else edge)
    return Image.frombytes("RGB", (width, height), bytes(pixels))


golden = []
for source, target in CASES:
    for name, filter in [("bicubic", Image.Resampling.BICUBIC), ("bilinear", Image.Resampling.BILINEAR)]:
        resized = picture(*source).resize(target, filter)
        golden.append({"from": source, "to": target, "interpolation": name, "rgb": base64.b64encode(resized.tobytes()).decode()})
text = "[\n" + ",\n".join(json.dumps(case) for case in golden) + "\n]\n"
pathlib.Path(__file__).with_name("golden.json").write_text(text)
