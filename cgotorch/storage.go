package cgotorch

/*
#include "trampolines.h"
*/
import "C"

import "unsafe"

// StorageOf returns a handle to the tensor's storage; FreeStorage drops it.
func StorageOf(tensor Handle) (Handle, *Error) {
	var storage C.uint64_t
	err := takeError(C.ctorch_tensor_storage(C.uint64_t(tensor), &storage))
	return Handle(storage), err
}

// FreeStorage drops a reference.
func FreeStorage(storage Handle) { C.ctorch_storage_free(C.uint64_t(storage)) }

// StoragePart returns a handle to a storage of its own that is a part of a CPU
// storage's memory, and keeps that alive. Of a mapped file the part's pages leave memory
// with it; changes to them are lost then.
func StoragePart(storage Handle, offset, bytes int, mapped bool) (Handle, *Error) {
	var part C.uint64_t
	err := takeError(C.ctorch_storage_part(C.uint64_t(storage), C.int64_t(offset), C.int64_t(bytes), C.bool(mapped), &part))
	return Handle(part), err
}

// UnloadStorage lets the memory of a storage that is a part of a mapped file go, until it
// is read again. What was changed in it stays.
func UnloadStorage(storage Handle) { C.ctorch_storage_unload(C.uint64_t(storage)) }

// StorageData returns a CPU storage's memory, which is there until the last reference to
// the storage is dropped; nil for other devices.
func StorageData(storage Handle) []byte {
	var bytes C.int64_t
	data := C.ctorch_storage_data(C.uint64_t(storage), &bytes)
	if data == nil {
		return nil
	}
	return unsafe.Slice((*byte)(data), int(bytes))
}
