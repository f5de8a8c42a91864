// Package checkpoint saves and loads the state of several processes that train together:
// each writes what it has, and each may read what it needs, also where their number is
// another one by then.
//
//	err := checkpoint.Save(net.StateDict(), "run/step-1000") // every process calls it
//	...
//	err := checkpoint.Load(net.StateDict(), "run/step-1000") // into the parameters, whole or divided
//
// Parameters that package distributed/fsdp or tensor/parallel has divided are parts, and the
// checkpoint has each once; others are whole, and one process writes them.
//
// # Files
//
// A checkpoint is a folder of safetensors files, one for each process, whose metadata says
// where the parts begin. That is the layout of Python's HuggingFaceStorageWriter with
// save_distributed=True, and what its HuggingFaceStorageReader reads; a model of Hugging
// Face, whose tensors are whole, can be loaded as well. With them is checkpoint.json, which
// names the files and their sizes, so that a folder that is not complete is an error.
//
// The folder appears, or takes the place of an old one, when all of it is written. On several
// machines it is on a file system that all see.
//
// https://docs.pytorch.org/docs/stable/distributed.checkpoint.html
package checkpoint
