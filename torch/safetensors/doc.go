// Package safetensors reads and writes Hugging Face's .safetensors files: named tensors
// without code, whose elements are where a file can be mapped into memory.
//
// [Load] gives what a module's LoadStateDict takes, and [Save] writes what its StateDict
// gives, with the bytes of Python's writer:
//
//	dict, err := safetensors.Load("model.safetensors")
//	...
//	_, err = net.LoadStateDict(dict)
//	...
//	err = safetensors.Save(net.StateDict(), "model.safetensors")
//
// [Open] lists what a file holds and gives the tensors that are asked for.
// [OpenSharded] and [SaveSharded] do so for models of several files with an index,
// model.safetensors.index.json.
//
// A file is a stranger: names, offsets and sizes are checked before anything is read by
// them, and what is read takes memory in proportion to the file.
//
// https://huggingface.co/docs/safetensors
package safetensors
