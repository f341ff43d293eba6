"""Makes the HDF5 files of this folder: pip install h5py==3.16.0 numpy==2.4.6 ml_dtypes==0.6.0

All numbers are 0.25 i - 1 for i = 0, 1, 2 …, row-major, or the fill value 7 where the test says so.
"""
import gzip
import io
import os

import h5py
import ml_dtypes
import numpy as np
from h5py import h5d, h5p, h5s, h5t


def values(*shape):
    return (np.arange(np.prod(shape, dtype=int)) / 4 - 1).reshape(shape)


def low_level(group, name, shape, layout=None, chunks=None, early=False):
    """A dataset with settings that h5py has no argument for."""
    plist = h5p.create(h5p.DATASET_CREATE)
    if layout is not None:
        plist.set_layout(layout)
    if chunks:
        plist.set_chunk(chunks)
    if early:
        plist.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    dataset = h5d.create(group.id, name, h5t.IEEE_F32LE, h5s.create_simple(shape), dcpl=plist)
    h5py.Dataset(dataset)[...] = values(*shape)


def everything(f):
    f.attrs["fixed"] = np.array([b"conv1", b"bn", b"fc1000"])
    f.attrs["variable"] = ["conv1", "", "größe"]
    f.attrs["one fixed"] = np.bytes_("tensorflow")
    f.attrs["one variable"] = "2.15.0"
    f.attrs["no text"] = np.array([])
    f.attrs["number"] = 3
    f.attrs["array type"] = np.array(("a", "b"), dtype=h5py.string_dtype(length=4))
    for i in range(12):  # more than 8: stored densely by libver="latest"
        f.attrs[f"more{i}"] = [f"text {i}"]
    spaces = h5t.C_S1.copy()
    spaces.set_size(6)
    spaces.set_strpad(h5t.STR_SPACEPAD)
    h5py.h5a.create(f.id, b"spaces", spaces, h5s.create(h5s.SCALAR)).write(np.array(b"jax   "))

    types = f.create_group("types")
    for kind in ["f2", "f4", "f8"]:
        types[kind + "-little"] = values(2, 3).astype("<" + kind)
        types[kind + "-big"] = values(2, 3).astype(">" + kind)
    types["bf16"] = values(2, 3).astype(ml_dtypes.bfloat16)
    types["i32"] = np.arange(3, dtype="i4")
    types["u8"] = np.arange(3, dtype="u1")
    types["text"] = ["a", "b"]

    shapes = f.create_group("shapes")
    shapes["scalar"] = np.float32(-1)
    shapes["none"] = values(0, 3).astype("f4")
    shapes["null"] = h5py.Empty("f4")
    shapes["four"] = values(3, 3, 2, 2).astype("f4")

    layouts = f.create_group("layouts")
    data = values(7, 10).astype("f4")
    layouts["contiguous"] = data
    low_level(layouts, b"compact", (7, 10), layout=h5d.COMPACT)
    low_level(layouts, b"implicit", (7, 10), chunks=(3, 4), early=True)
    layouts.create_dataset("chunked", data=data, chunks=(3, 4))
    layouts.create_dataset("chunked3", data=values(3, 5, 4).astype("f4"), chunks=(2, 2, 3))
    layouts.create_dataset("one chunk", data=data, chunks=(7, 10))
    layouts.create_dataset("one deflated chunk", data=data, chunks=(7, 10), compression="gzip")
    layouts.create_dataset("deflate", data=data, chunks=(3, 4), compression="gzip")
    layouts.create_dataset("shuffle", data=data, chunks=(3, 4), shuffle=True)
    layouts.create_dataset("fletcher32", data=data, chunks=(3, 4), fletcher32=True)
    layouts.create_dataset("all filters", data=data.astype(">f8"), chunks=(3, 4), shuffle=True, compression="gzip", fletcher32=True)
    layouts.create_dataset("unallocated", (7, 10), "f4", fillvalue=7)
    layouts.create_dataset("unallocated, zero", (7, 10), "f4")
    layouts.create_dataset("no chunks", (7, 10), "f4", chunks=(3, 4), fillvalue=7)
    some = layouts.create_dataset("some chunks", (7, 10), "f4", chunks=(3, 4), fillvalue=7)
    some[3:6, 4:8] = data[3:6, 4:8]

    refused = f.create_group("refused")
    refused.create_dataset("lzf", data=data, chunks=(3, 4), compression="lzf")
    refused["soft"] = h5py.SoftLink("/shapes/four")
    refused["external link"] = h5py.ExternalLink("other.h5", "/x")
    refused.create_dataset("external", (7, 10), "f4", external="other.bin")
    refused["committed"] = np.dtype("f4")
    refused.create_dataset("with committed", data=data, dtype=refused["committed"])
    if f.libver[1] != "v108":
        virtual = h5py.VirtualLayout((7, 10), "f4")
        virtual[:] = h5py.VirtualSource("other.h5", "/x", (7, 10))
        refused.create_virtual_dataset("virtual", virtual)
    refused.create_dataset("extensible", data=data, chunks=(3, 4), maxshape=(None, 10))

    for name in ["zebra", "ant", "monkey"]:
        f.create_group("order/" + name)


def many(f):
    """A thousand names for one dataset: B-trees of several levels, a fractal heap with a table of blocks."""
    f["one"] = values(4).astype("f4")
    group = f.create_group("many")
    for i in range(1000):
        group[f"name{i * 7919 % 1000}"] = f["one"]
    if f.libver[0] != "earliest":
        f.create_dataset("pages", data=values(2500).astype("f4"), chunks=(1,))
        pages = f.create_dataset("deflated pages", (2500,), "f4", chunks=(1,), compression="gzip", fillvalue=7)
        pages[2100:2103] = values(3)


def small(f):
    """Little of everything, for fuzzing."""
    f.attrs["fixed"] = np.array([b"conv1", b"bn"])
    f.attrs["variable"] = ["conv1", "bn"]
    f["a/b"] = values(3).astype("f2")
    f.create_dataset("chunked", data=values(4, 4).astype("f4"), chunks=(3, 3), shuffle=True, compression="gzip", fletcher32=True)
    if f.libver[0] != "earliest":
        for i in range(9):
            f[f"link{i}"] = f["chunked"]


def packed(name, fill, **settings):
    memory = io.BytesIO()
    with h5py.File(memory, "w", **settings) as f:
        fill(f)
    with open(name, "wb") as out:
        out.write(gzip.compress(memory.getvalue(), mtime=0))
    print(name, len(memory.getvalue()), os.path.getsize(name))


packed("earliest.h5.gz", everything, libver="earliest")
packed("v108.h5.gz", everything, libver=("v108", "v108"))
packed("latest.h5.gz", everything, libver="latest")
packed("userblock.h5.gz", everything, userblock_size=1024)
packed("many-earliest.h5.gz", many, libver="earliest")
packed("many-latest.h5.gz", many, libver="latest")
packed("small-earliest.h5.gz", small, libver="earliest")
packed("small-latest.h5.gz", small, libver="latest")
