// Package npy reads and writes NumPy's files: .npy, an array, and .npz, an archive of
// named arrays.
//
//	x, err := npy.Load("x.npy")
//	...
//	err = npy.Save(x, "x.npy")
//
// [OpenArchive] lists what an archive holds and gives the arrays that are asked for;
// [SaveArchive] writes what a module's StateDict gives.
//
// The dtypes are those that NumPy and PyTorch both have: bool, int8 to int64, uint8 to
// uint64, float16 to float64, complex64 and complex128. Arrays in Fortran's order and of
// the other byte order are read, too. Arrays of Python's objects, of texts, of dates and
// of structures are an error.
//
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
package npy
