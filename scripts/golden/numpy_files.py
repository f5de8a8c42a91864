"""Files that NumPy writes: torch/npy/testdata/python/*."""

import io

import numpy as np

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
          "complex64", "complex128"]


def array(dtype):
    return np.array([[0, 1, 2], [3, 4, 1]]).astype(dtype)


def saved(x, version=None):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asanyarray(x), version)
    return buffer.getvalue()


def archive(save):
    buffer = io.BytesIO()
    save(buffer, **{"weight": array("float32"), "größer/bias": np.array([1.5, -2]), "scalar": np.int64(7),
                    "fortran": np.asfortranarray(array("complex64"))})
    return buffer.getvalue()


def cases():
    """The files' contents by their names."""
    files = {f"{name}.npy": saved(array(name)) for name in DTYPES}
    files |= {f"big_{name}.npy": saved(array(name).astype(np.dtype(name).newbyteorder(">"))) for name in ["int16", "float64", "complex64"]}
    files |= {
        "scalar.npy": saved(np.float32(2.5)), "empty.npy": saved(np.zeros((2, 0, 3), "int16")), "vector.npy": saved(np.arange(3.)),
        "fortran.npy": saved(np.asfortranarray(np.arange(24, dtype="int32").reshape(2, 3, 4))),
        "long.npy": saved(np.zeros([1] * 13 + [2] * 7 + [0], "uint8")), "version2.npy": saved(array("float32"), (2, 0)),
        "version3.npy": saved(array("float32"), (3, 0)),
        "object.npy": saved(np.array([None, "x"], dtype=object)), "text.npy": saved(np.array(["ab"])), "date.npy": saved(np.array(["2020"], "M8[D]")),
        "structure.npy": saved(np.zeros(2, [("a", "f4"), ("b", "i4")])), "longdouble.npy": saved(np.zeros(2, np.longdouble)),
        "bytes.npy": saved(np.zeros(2, "V2")),
        "plain.npz": archive(np.savez), "compressed.npz": archive(np.savez_compressed),
    }
    return files
