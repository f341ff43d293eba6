"""Makes golden.json: pictures changed by other libraries, with given parameters.

    python3 -m pip install numpy==2.4.6 opencv-python-headless==5.0.0.93 torch==2.15.0 torchvision==0.29.2
    python3 golden.py > golden.json

"warp" and "affine" are resampled here by the formulas in float64 ("numpy"), and by OpenCV, whose positions are multiples
of 1/32 pixel: the matrices of the "opencv" cases have no others. The rest is done by the library that the case names, on
8 bits if it is OpenCV or a RandAugment operation (which torchvision cuts to whole numbers), else on floats.
"""

import json
import math
import sys

import cv2
import numpy as np
import torch
from torchvision.transforms import functional as F
from torchvision.transforms import InterpolationMode
from torchvision.transforms.autoaugment import _apply_op


def picture(height, width):
    y, x, c = np.mgrid[:height, :width, :3].astype(float)
    v = 120 + 90 * np.sin(x * 0.9 + 2 * c) * np.cos(y * 0.7 + c) + 40 * np.sin(x * y + 3 * c)
    return np.clip(np.round(v), 0, 255).astype(np.uint8)


image = picture(8, 11)
height, width = image.shape[:2]
cases = []


def case(name, tolerance, want, **parameters):
    values = np.asarray(want, dtype=float)
    assert values.size % 3 == 0, name
    rounded = [round(v, 2) for v in values.reshape(-1).tolist()]
    rounded = [int(v) if v == int(v) else v for v in rounded]
    cases.append({"name": name, "tolerance": tolerance, "want": rounded, **parameters})


# Resampling, by the formulas.


def keys(d, a=-0.75):
    d = abs(d)
    if d <= 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    return a * (d**3 - 5 * d**2 + 8 * d - 4) if d < 2 else 0.0


def pixel(y, x, border, fill):
    def inside(i, n):
        if border == "reflect":
            while not 0 <= i < n:
                i = -i if i < 0 else 2 * (n - 1) - i
        elif border == "edge":
            i = min(max(i, 0), n - 1)
        return i

    y, x = inside(y, height), inside(x, width)
    if not (0 <= y < height and 0 <= x < width):
        return np.full(3, float(fill))
    return image[y, x].astype(float)


def resample(matrix, interpolation, border, fill=0):
    out = np.zeros(image.shape)
    for i in range(height):
        for j in range(width):
            x, y = matrix @ np.array([j, i, 1.0])
            reach = range(2) if interpolation == "bilinear" else range(-1, 3)
            kernel = (lambda d: max(0.0, 1 - abs(d))) if interpolation == "bilinear" else keys
            for dy in reach:
                for dx in reach:
                    py, px = math.floor(y) + dy, math.floor(x) + dx
                    out[i, j] += kernel(y - py) * kernel(x - px) * pixel(py, px, border, fill)
    return np.clip(out, 0, 255)


turned = np.array([[0.83, -0.41, 2.37], [0.37, 1.09, -2.71]])
exact = np.array([[26, -11, 77], [9, 37, -90]]) / 32  # multiples of 1/32
flags = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}
borders = {"edge": cv2.BORDER_REPLICATE, "reflect": cv2.BORDER_REFLECT_101, "constant": cv2.BORDER_CONSTANT}
for interpolation in flags:
    for border in borders:
        kind = dict(kind="warp", interpolation=interpolation, border=border, fill=37 if border == "constant" else 0)
        case(f"numpy {interpolation} {border}", 0.02, resample(turned, interpolation, border, kind["fill"]),
             matrix=turned.reshape(-1).tolist(), **kind)
        by_cv2 = cv2.warpAffine(image, exact, (width, height), flags=flags[interpolation] | cv2.WARP_INVERSE_MAP,
                                borderMode=borders[border], borderValue=(kind["fill"],) * 3)
        case(f"opencv {interpolation} {border}", 1, by_cv2, matrix=exact.reshape(-1).tolist(), **kind)

# The affine change by its parameters: about the middle, scikit-image's matrix.
for sx, sy, tx, ty, angle, shear in [(0.8, 1.15, 0.1, -0.2, 33, -4), (1.2, 1, -0.05, 0, -45, 5), (1.1, 0.9, 0.1, 0.15, 0, 0)]:
    a, s = math.radians(angle), math.radians(angle + shear)
    forward = np.array([[sx * math.cos(a), -sy * math.sin(s), tx * width], [sx * math.sin(a), sy * math.cos(s), ty * height], [0, 0, 1]])
    centre = np.array([[1, 0, (width - 1) / 2], [0, 1, (height - 1) / 2], [0, 0, 1]])
    inverse = np.linalg.inv(centre @ forward @ np.linalg.inv(centre))[:2]
    case(f"affine {angle}", 0.05, resample(inverse, "bicubic", "edge"), kind="affine", parameters=[sx, sy, tx, ty, angle, shear])

# Colour.
wide = image.astype(float)
values = np.array([-31, 7, 25])
case("add", 0, np.clip(wide + values, 0, 255), kind="add", parameters=values.tolist())
factors = np.array([0.5, 1.375, 2])
case("contrast", 0, np.clip(np.round(128 + factors * (wide - 128)), 0, 255), kind="contrast", parameters=factors.tolist())
for hue, saturation in [(17, -20), (-20, 13), (0, 0)]:
    hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV).astype(int)
    hsv[..., 0] = (hsv[..., 0] + hue) % 180
    hsv[..., 1] = np.clip(hsv[..., 1] + saturation, 0, 255)
    case(f"hue {hue} saturation {saturation}", 0, cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB), kind="hue_saturation",
         parameters=[hue, saturation])

# torchvision.
tensor = torch.from_numpy(image).permute(2, 0, 1)
floats = tensor.double() / 255


def pixels(t):
    return t.permute(1, 2, 0).numpy()


for name, change, p in [("brightness", F.adjust_brightness, 1.35), ("contrast", F.adjust_contrast, 0.6),
                        ("contrast", F.adjust_contrast, 1.7), ("saturation", F.adjust_saturation, 1.6),
                        ("saturation", F.adjust_saturation, 0.2), ("hue", F.adjust_hue, -0.21), ("hue", F.adjust_hue, 0.4)]:
    case(f"jitter {name} {p}", 0.1, pixels(change(floats, p)) * 255, kind="jitter_" + name, parameters=[p])
for mode in [InterpolationMode.BILINEAR, InterpolationMode.BICUBIC]:
    top, left, h, w = 2, 3, 5, 7
    cropped = F.resized_crop(floats, top, left, h, w, [height, width], mode, antialias=False).clamp(0, 1)
    case(f"resized crop {mode.value}", 0.02, pixels(cropped) * 255, kind="crop", interpolation=mode.value, parameters=[left, top, w, h])
case("erase", 0, pixels(F.erase(tensor.double(), 2, 5, 3, 4, torch.tensor(90.0))), kind="erase", parameters=[5, 2, 4, 3])

# RandAugment: strengths are those of magnitude 12 of 30. Geometry is of floats, as its operations are one resampling here.
m = 12 / 30
for name, strength in [("ShearX", 0.3 * m), ("ShearY", -0.3 * m), ("TranslateX", 150 / 331 * width * m),
                       ("TranslateY", -150 / 331 * height * m), ("Rotate", 30 * m)]:
    warped = _apply_op(tensor.double(), name, strength, InterpolationMode.BILINEAR, None)
    case(name, 0.05, pixels(warped), kind="rand_augment_geometry", parameters=[math.copysign(1, strength)])
for name, strength in [("Brightness", 0.9 * m), ("Color", -0.9 * m), ("Contrast", 0.9 * m), ("Sharpness", 0.9 * m),
                       ("Sharpness", -0.9 * m), ("Posterize", 8 - round(4 * m)), ("Solarize", 255 * (1 - m)), ("AutoContrast", 0)]:
    sign = math.copysign(1, strength)
    changed = _apply_op(tensor, name, strength, InterpolationMode.BILINEAR, None)
    case(f"{name} {sign:+.0f}", 1, pixels(changed), kind="rand_augment", parameters=[sign])
large = picture(24, 26)
equalized = _apply_op(torch.from_numpy(large).permute(2, 0, 1), "Equalize", 0, InterpolationMode.BILINEAR, None)


def flat(values):
    return values.reshape(-1).tolist()


json.dump({"height": height, "width": width, "picture": flat(image), "cases": cases,
           "equalize": {"height": 24, "width": 26, "picture": flat(large), "want": flat(pixels(equalized))}}, fp=sys.stdout,
          separators=(",", ":"))
