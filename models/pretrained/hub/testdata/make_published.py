"""Writes published.json: what timm, torchvision and Keras publish of the weights in known.go.

Needs the source of the three packages, not their dependencies:
python make_published.py SITE-PACKAGES... > published.json
"""

import ast
import json
import pathlib
import re
import sys

ARCHITECTURES = {"densenet121", "densenet161", "densenet169", "densenet201", "inception_resnet_v2", "vgg16", "vgg16_bn"}


def main():
    roots = [pathlib.Path(a) for a in sys.argv[1:]]
    out = {"versions": versions(roots), "timm": timm(find(roots, "timm/models")),
           "torchvision": torchvision(find(roots, "torchvision/models")),
           "keras": keras(find(roots, "keras/src/applications"))}
    json.dump(out, sys.stdout, indent=1, sort_keys=True)
    print()


def find(roots, path):
    return next(r / path for r in roots if (r / path).is_dir())


def versions(roots):
    found = {}
    for package in ("timm", "torchvision", "keras"):
        info = next(p for r in roots for p in r.glob(package + "-*.dist-info"))
        found[package] = info.name.removesuffix(".dist-info").split("-")[1]
    return found


def timm(models):
    """Name -> licence, of the pretrained configurations that are on the Hub under timm/."""
    found = {}
    for file in ("densenet.py", "inception_resnet_v2.py", "vgg.py"):
        tree = ast.parse((models / file).read_text())
        defaults = {}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == "_cfg":
                returned = next(n.value for n in ast.walk(node) if isinstance(n, ast.Return))
                defaults = strings(returned)
        for node in tree.body:
            if not (isinstance(node, ast.Assign) and node.targets[0].id == "default_cfgs"):
                continue
            table = node.value.args[0]
            for key, value in zip(table.keys, table.values):
                if isinstance(value, ast.Dict):
                    config = strings(value)
                else:
                    config = defaults | {k.arg: k.value.value for k in value.keywords if isinstance(k.value, ast.Constant)}
                if key.value.split(".")[0] in ARCHITECTURES and config.get("hf_hub_id") == "timm/":
                    found[key.value] = config["license"]
    return found


def strings(dictionary):
    return {k.value: v.value for k, v in zip(dictionary.keys, dictionary.values)
            if isinstance(k, ast.Constant) and isinstance(v, ast.Constant)}


def torchvision(models):
    """Architecture -> address of the IMAGENET1K_V1 weights."""
    found = {}
    for file in ("densenet.py", "vgg.py"):
        for node in ast.parse((models / file).read_text()).body:
            if not (isinstance(node, ast.ClassDef) and node.name.endswith("_Weights")):
                continue
            architecture = node.name.removesuffix("_Weights").lower()
            for entry in node.body:
                if isinstance(entry, ast.Assign) and entry.targets[0].id == "IMAGENET1K_V1" and architecture in ARCHITECTURES:
                    found[architecture] = next(k.value.value for k in entry.value.keywords if k.arg == "url")
    return found


def keras(applications):
    """Address -> MD5, of every get_file with a checksum."""
    found = {}
    for file in ("densenet.py", "inception_resnet_v2.py", "vgg16.py"):
        tree = ast.parse((applications / file).read_text())
        names = {n.targets[0].id: text(n.value, {}) for n in tree.body
                 if isinstance(n, ast.Assign) and isinstance(n.value, ast.Constant)}
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.JoinedStr):
                names[node.targets[0].id] = text(node.value, names)
        fname = None
        for node in in_order(tree):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "fname":
                fname = node.value.value
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get_file":
                checksum = next(k.value.value for k in node.keywords if k.arg == "file_hash")
                assert re.fullmatch("[0-9a-f]{32}", checksum)
                found[text(node.args[1], names | {"fname": fname})] = checksum
    return found


def in_order(tree):
    nodes = [n for n in ast.walk(tree) if hasattr(n, "lineno")]
    return sorted(nodes, key=lambda n: (n.lineno, n.col_offset))


def text(node, names):
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, ast.JoinedStr):
        return "".join(text(v.value if isinstance(v, ast.FormattedValue) else v, names) for v in node.values)
    if isinstance(node, ast.BinOp):
        return text(node.left, names) + text(node.right, names)
    raise ValueError(ast.dump(node))


main()
