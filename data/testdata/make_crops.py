"""Writes crops.json: pictures made into squares by the transforms that timm builds for evaluation. Run: python make_crops.py
(timm 1.0.31, torchvision 0.29.2, Pillow 11.3.0)

Those of pictures/ are read by Pillow, with their EXIF orientation. "pattern" is drawn here and in square_test.go."""

import base64
import json
import pathlib

from PIL import Image, ImageOps
from timm.data import create_transform

HERE = pathlib.Path(__file__).parent


def pattern(width, height):
    pixels = bytes((x * 7919 + y * 104729 + c * 1299709) * 2654435761 % 2**32 >> 24 for y in range(height) for x in range(width) for c in range(3))
    return Image.frombytes("RGB", (width, height), pixels)


def square(img, size, crop, interpolation):
    transform = create_transform((3, size, size), crop_pct=crop, interpolation=interpolation)
    resized = transform.transforms[1](transform.transforms[0](img))
    return base64.b64encode(resized.tobytes()).decode()


golden = []
for width, height, size, crop, interpolation in [
    (45, 31, 16, 0.875, "bicubic"),  # the rest beside the square is even
    (45, 31, 15, 0.875, "bilinear"),  # 9 px: half a pixel is rounded to the even 4
    (31, 45, 15, 0.875, "bicubic"),
    (53, 40, 17, 0.9, "bicubic"),  # floor(17 / 0.9) = 18; 5 px: 2
    (61, 40, 17, 0.9, "bilinear"),  # 10 px
    (40, 57, 18, 1.0, "bicubic"),  # 7 px: 4, not 3
    (20, 20, 32, 0.95, "bilinear"),  # enlarged
    (150, 3, 8, 0.8, "bicubic"),  # a long side that is cut off
    (18, 18, 18, 1.0, "bilinear"),  # nothing to do
    (26, 18, 16, 0.875, "bicubic"),  # only cropped
    (13, 13, 13, 0.8975, "bicubic"),  # Inception-ResNet-v2's share
]:
    golden.append({"picture": [width, height], "size": size, "crop": crop, "interpolation": interpolation,
                   "rgb": square(pattern(width, height), size, crop, interpolation)})
for name in [f"exif-{i}.jpg" for i in range(1, 9)] + ["exif-6.png", "exif-6.webp"]:
    img = ImageOps.exif_transpose(Image.open(HERE / "pictures" / name)).convert("RGB")
    golden.append({"file": name, "size": 15, "crop": 0.875, "interpolation": "bicubic", "rgb": square(img, 15, 0.875, "bicubic")})
(HERE / "crops.json").write_text("[\n" + ",\n".join(json.dumps(g) for g in golden) + "\n]\n")
